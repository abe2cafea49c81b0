import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import EnrolmentPage from './EnrolmentPage.vue'

const row = (id: number, more = {}) => ({ id, state: 'pending', kind: 'knock', device: `d${id}`, estate: null, profile: null, make: 'Acme', model: null, serial: null, dialect: null, foreign_name: null, topic: 't', last_seen: '2026-03-01T00:00:00Z', count: 3, registered_as: null, reason: null, decided_by: null, sample: null, ...more })
const DeviceForm = { template: '<button data-testid="form" @click="register({ id: start.id }).then(() => $emit(\'done\'))">{{ start.id }} {{ start.make }}</button>', props: ['start', 'register'], emits: ['done'] }
function open(items: unknown[], answers: object = {}) {
  const { calls } = serve({ 'GET /api/enrolment': { items, next: null }, ...answers })
  show(EnrolmentPage, { role: 'property', stubs: { DeviceForm } })
  return calls
}

it('lets what knocked be registered with what it said of itself', async () => {
  const calls = open([row(1)], { 'POST /api/enrolment/{enrolment_id}/approve': { id: 'd1' } })
  expect((await screen.findByTestId('enrol-row')).textContent).toMatch(/未登记设备.*自称 d1 · Acme.*共 3 次/)
  await fireEvent.click(screen.getByTestId('enrol-approve'))
  expect(screen.getByTestId('form').textContent).toBe('d1 Acme')
  await fireEvent.click(screen.getByTestId('form'))
  await waitFor(() => expect(screen.queryByTestId('form')).toBeNull())
  expect(calls('POST')[0]).toMatchObject(['/api/enrolment/{enrolment_id}/approve', { params: { path: { enrolment_id: 1 } }, body: { id: 'd1' } }])
  expect(calls('GET')).toHaveLength(2)
})

it('turns one away for a reason, and says why that failed', async () => {
  const calls = open([row(1)], { 'POST /api/enrolment/{enrolment_id}/reject': new Refusal(409, { title: 'x', detail: '已批准' }) })
  await fireEvent.click(await screen.findByTestId('enrol-reject'))
  await fireEvent.update(screen.getByTestId('confirm-reason'), '不是我们的')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  expect((await screen.findByRole('alert')).textContent).toContain('已批准')
  expect(calls('POST')[0]).toMatchObject(['/api/enrolment/{enrolment_id}/reject', { body: { reason: '不是我们的' } }])
})

it('still lets one be approved that was turned away, and leads from an approved one to its device', async () => {
  open([row(1, { state: 'rejected', reason: '重复', decided_by: 'li' }), row(2, { state: 'approved', registered_as: 'd2' })])
  const [rejected, approved] = await screen.findAllByTestId('enrol-row')
  expect(within(rejected!).getByText('li：重复')).toBeTruthy()
  expect(within(rejected!).queryByTestId('enrol-reject')).toBeNull()
  expect(within(rejected!).getByTestId('enrol-approve')).toBeTruthy()
  expect(within(approved!).queryByTestId('enrol-approve')).toBeNull()
  expect(within(approved!).getByRole('link').getAttribute('href')).toBe('/device/d2')
})

it('asks for those of another state', async () => {
  const calls = open([])
  expect(await screen.findByText('没有等待批准的设备')).toBeTruthy()
  await fireEvent.click(screen.getByTestId('enrol-rejected'))
  await waitFor(() => expect(calls('GET')[1]).toMatchObject(['/api/enrolment', { params: { query: { state: 'rejected' } } }]))
  expect(screen.getByTestId('enrol-rejected').getAttribute('aria-pressed')).toBe('true')
})
