import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import FootageGrantForm from './FootageGrantForm.vue'
import FootageGrants from './FootageGrants.vue'

const grant = { id: 4, device: 'cam-1', device_zh: '大门', device_en: 'Gate', estate: 'EST1', ref: null, what: ['picture'], recorded_from: '2026-03-01T03:00:00+08:00', recorded_until: '2026-03-01T04:00:00+08:00', unit: 'CP', place: 'EST2', reason: '协查', by: 'sun', at: '2026-03-02T03:00:00+08:00', expires_at: '2026-03-09T03:00:00+08:00', withdrawn_at: null, withdrawn_by: null, withdrawn_why: null, state: 'open', looks: 2 }
const said = (data: unknown) => Promise.resolve({ data, response: new Response(null) })

function plugins(): [typeof i18n, ReturnType<typeof createPinia>] {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { name: 'sun', display_name: 'sun', role: 'shift_leader', scope: null, owes: '' }
  return [i18n, pinia]
}

it('shows who may look at what until when, and withdraws with a reason', async () => {
  vi.spyOn(api, 'GET').mockImplementation((() => said({ items: [grant], next: null })) as never)
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said({ ...grant, state: 'withdrawn' })) as never)
  render(FootageGrants, { global: { plugins: plugins() } })
  const row = await screen.findByTestId('grant-row')
  for (const word of ['CP', 'EST2', '大门', '图片', '协查', '有效']) expect(row.textContent).toContain(word)
  await fireEvent.click(screen.getByTestId('grant-withdraw'))
  await fireEvent.update(screen.getByTestId('confirm-reason'), '案件已结')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  await waitFor(() => expect(post).toHaveBeenCalledOnce())
  expect(post.mock.calls[0]).toMatchObject(['/api/picture-grants/{grant_id}/withdraw', { params: { path: { grant_id: 4 } }, body: { reason: '案件已结' } }])
})

it('asks for a grant with times that everybody reads alike', async () => {
  vi.spyOn(api, 'GET').mockImplementation((() => said({ items: [] })) as never)
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said(grant)) as never)
  const { emitted } = render(FootageGrantForm, { global: { plugins: plugins() } })
  const times = { from: '2026-03-01T03:00', until: '2026-03-01T04:00', expires: '2026-03-09T03:00' }
  for (const [name, text] of Object.entries({ unit: 'CP', place: 'EST2', device: 'cam-1', reason: '协查', ...times })) await fireEvent.update(screen.getByTestId(`grant-${name}`), text)
  await fireEvent.submit(screen.getByTestId('grant-form'))
  await waitFor(() => expect(emitted()['done']).toHaveLength(1))
  const [, { body }] = post.mock.calls[0] as unknown as [string, { body: Record<string, unknown> }]
  expect(body).toMatchObject({ unit: 'CP', ref: null, what: ['picture', 'clip'], recorded_from: new Date(times.from).toISOString(), expires_at: new Date(times.expires).toISOString() })
})
