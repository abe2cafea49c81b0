import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import CallList from './CallList.vue'

const said = (data: unknown) => Promise.resolve({ data, response: new Response(null) })
const callee = (person: string, place: string | null, more = {}) => ({ person, name: `名${person}`, roles: ['PM'], org: null, note: '有钥匙', place, place_zh: '1 栋', place_en: 'Building 1', own: true, phone_masked: '139****0001', ...more })
const person = (id: string) => ({ id, name: `名${id}`, roles: ['PM'] })
const LISTED = [callee('a', null), callee('b', 'EST1-B1'), callee('c', 'EST1', { own: false, phone_masked: null })]

function serve(items: unknown[]): void {
  vi.spyOn(api, 'GET').mockImplementation(((path: string) => {
    if (path === '/api/organisation') return said({ roles: [], skills: [], resource_kinds: [] })
    if (path === '/api/people') return said({ items: [person('a'), person('d')], next: null })
    if (path === '/api/reveals/{reveal_id}') return said({ fields: { phone: '13900000001' }, until: new Date(Date.now() + 60_000).toISOString() })
    return said({ items })
  }) as never)
}
function open(props: object, role = 'property') {
  const pinia = createPinia()
  useSession(pinia).me = { role } as never
  return render(CallList, { props: { place: 'EST1-B1', ...props }, global: { plugins: [i18n, pinia] } })
}

it('shows who comes from which place, and opens a number for a reason', async () => {
  serve(LISTED)
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said({ reveal: 7, until: '' })) as never)
  open({ device: 'smoke-1' })
  const [own, near, other] = await screen.findAllByTestId('callee')
  expect(own!.textContent).not.toContain('来自')
  expect(near!.textContent).toContain('来自 1 栋')
  expect(within(other!).queryByTestId('callee-reveal')).toBeNull()
  expect(other!.textContent).toContain('其他辖区')
  await fireEvent.click(within(near!).getByTestId('callee-reveal'))
  await fireEvent.update(screen.getByTestId('confirm-reason'), '烟感报警')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  await waitFor(() => expect(within(near!).getByTestId('callee-phone').getAttribute('href')).toBe('tel:13900000001'))
  expect(post.mock.calls[0]).toMatchObject(['/api/people/{person_id}/phone', { params: { path: { person_id: 'b' } }, body: { reason: '烟感报警' } }])
  expect(within(own!).getByTestId('callee-phone').textContent).toBe('139****0001')
})

it('is silent in a case where nobody is written down', async () => {
  serve([])
  open({ device: 'smoke-1' })
  await waitFor(() => expect(api.GET).toHaveBeenCalledWith('/api/devices/{device_id}/callees', expect.anything()))
  expect(screen.queryByTestId('call-list')).toBeNull()
})

it('is not for whoever only reads devices, and who may not change the list gets no button', async () => {
  serve(LISTED)
  open({ card: true }, 'developer')
  expect(api.GET).not.toHaveBeenCalled()
  cleanup()
  open({ card: true }, 'operator')
  await screen.findAllByTestId('callee')
  expect(screen.queryByTestId('callees-edit')).toBeNull()
})

it('changes the order and the people of the own list only', async () => {
  serve(LISTED)
  const put = vi.spyOn(api, 'PUT').mockImplementation((() => said({ items: LISTED })) as never)
  open({ card: true })
  await fireEvent.click(await screen.findByTestId('callees-edit'))
  expect(screen.getAllByTestId('callee-row')).toHaveLength(1)
  expect(screen.getByTestId('callee-row').textContent).toContain('名b')
  await fireEvent.click((await screen.findAllByTestId('callee-add'))[1]!)
  await fireEvent.update(screen.getAllByTestId('callee-note')[1]!, '懂配电箱')
  await fireEvent.click(screen.getByLabelText('上移 名d'))
  await fireEvent.submit(screen.getByTestId('callees-form'))
  await waitFor(() => expect(put).toHaveBeenCalledOnce())
  expect(put.mock.calls[0]).toMatchObject(['/api/places/{place}/callees', { params: { path: { place: 'EST1-B1' } }, body: { callees: [{ person: 'd', note: '懂配电箱' }, { person: 'b', note: '有钥匙' }] } }])
  await waitFor(() => expect(screen.queryByTestId('callees-form')).toBeNull())
})
