import { render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import AuditFootagePage from './AuditFootagePage.vue'

const times = { recorded_from: '2026-03-01T03:00:00+08:00', recorded_until: '2026-03-01T04:00:00+08:00', device: 'cam-1', device_zh: '大门', device_en: 'Gate' }
const LISTS: Record<string, object> = {
  '/api/picture-grants': { ...times, id: 4, ref: null, what: ['picture'], unit: 'CP', place: 'EST2', reason: '协查', by: 'sun', at: times.recorded_from, expires_at: times.recorded_until, withdrawn_why: null, state: 'open', looks: 2 },
  '/api/organ-requests': { ...times, id: 9, organ: '公安局', document: '12号', basis: '刑诉法', note: '', state: 'open', taken_at: times.recorded_from, taken_by: 'wang', decided_by: null, answer: '', officers: ['王**', '李**'], handed: 0 },
  '/api/picture-exports': { id: 2, at: times.recorded_from, who: 'sun', unit: 'GC', recipient: '公安局', document: '12号', reason: '移交', ref: 'EST1/cam-1/1.jpg', hidden: { cover: 'heads', masks: 1, regions: 0 }, sha256: 'ab12' },
  '/api/picture-access': { id: 1, at: times.recorded_from, who: 'wang', unit: 'GC', device: 'cam-7', what: 'picture', ref: 'x', reason: '火警核实', alert: 3, grant: null },
}

it('shows an auditor grants, requests, exports and looks, and offers nothing that changes them', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { name: 'shen', display_name: 'shen', role: 'auditor', scope: null, owes: '' }
  vi.spyOn(api, 'GET').mockImplementation(((path: string) => Promise.resolve({ data: { items: [LISTS[path]], next: null }, response: new Response(null) })) as never)
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', name: 'auditFootage', component: AuditFootagePage }, { path: '/audit', name: 'audit', component: AuditFootagePage }] })
  await router.push('/')
  const { container } = render(AuditFootagePage, { global: { plugins: [i18n, pinia, router] } })
  await waitFor(() => expect(screen.getByTestId('register').textContent).toContain('火警核实'))
  for (const [id, word] of Object.entries({ 'grant-row': '协查', 'organ-row': '王**', 'export-row': '移交' })) expect(screen.getByTestId(id).textContent).toContain(word)
  expect(screen.getByTestId('register').textContent).toContain('cam-7')
  expect(screen.getByTestId('page-audit')).toBeDefined()
  const offered = [...container.querySelectorAll('main button, section > button, td button, header button')]
  expect(offered).toEqual([])
})
