import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import CaseHold from './CaseHold.vue'

it('holds a case for a reason and shows who holds it', async () => {
  HTMLDialogElement.prototype.showModal = vi.fn()
  HTMLDialogElement.prototype.close = vi.fn()
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { name: 'sun', display_name: 'sun', role: 'shift_leader', scope: null, owes: '' }
  const said = (hold: unknown) => Promise.resolve({ data: { hold }, response: new Response(null) })
  vi.spyOn(api, 'GET').mockImplementation((() => said(null)) as never)
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said({ by: 'sun', reason: '诉讼', at: '2026-03-01T03:00:00+08:00' })) as never)
  render(CaseHold, { props: { id: 5 }, global: { plugins: [i18n, pinia] } })
  await fireEvent.click(await screen.findByTestId('case-hold-set'))
  await fireEvent.update(screen.getByTestId('confirm-reason'), '诉讼')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  await waitFor(() => expect(screen.getByTestId('case-hold').textContent).toContain('诉讼'))
  expect(post.mock.calls[0]).toMatchObject(['/api/incidents/{incident_id}/hold', { params: { path: { incident_id: 5 } }, body: { hold: true, reason: '诉讼' } }])
})
