import { fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { useHealth } from '@/stores/health'
import { Refusal, serve, show } from '@/testing'

import DevicesPage from './DevicesPage.vue'

const stubs = { DeviceTable: { template: '<i data-testid="table">{{ devices.map((one) => one.id).join() }}</i>', props: ['devices'] }, DeviceForm: { template: '<button data-testid="made" @click="$emit(\'created\'); $emit(\'done\')" />', emits: ['created', 'done'] }, DeviceExport: true, CauseNotes: true, CommunityRates: true }
async function open(role = 'property', answer: unknown = { items: [{ id: 'd1' }, { id: 'd2' }] }) {
  const { calls } = serve({ 'GET /api/devices': answer })
  show(DevicesPage, { role, stubs })
  await vi.advanceTimersByTimeAsync(1)
  return () => calls('GET').map((call) => (call[1] as { params: { query: object } }).params.query)
}
beforeEach(() => void vi.useFakeTimers())

it('asks once while somebody types, and at once where they choose', async () => {
  const asked = await open()
  for (const text of ['s', 'sm', 'smo']) await fireEvent.update(screen.getByTestId('device-q'), text)
  await vi.advanceTimersByTimeAsync(250)
  expect(asked()).toHaveLength(2)
  expect(asked()[1]).toMatchObject({ q: 'smo', online: undefined })
  await fireEvent.update(screen.getByTestId('device-online'), 'false')
  await vi.advanceTimersByTimeAsync(1)
  expect(asked()[2]).toMatchObject({ q: 'smo', online: false })
})

it('shows only those in trouble where that is asked', async () => {
  await open()
  const well = { link: { status: 'up' }, data: { status: 'fresh' }, self_test: { status: 'ok' }, flapping: { flapping: false }, battery: { low: false } }
  useHealth().byId.set('d1', well as never)
  useHealth().byId.set('d2', { ...well, battery: { low: true } } as never)
  await fireEvent.update(screen.getByTestId('device-bad'), 'bad')
  expect(screen.getByTestId('table').textContent).toBe('d2')
})

it('lets a manager add one and reads the list again; an operator sees no button', async () => {
  const asked = await open()
  await fireEvent.click(screen.getByTestId('device-add'))
  await fireEvent.click(screen.getByTestId('made'))
  await vi.advanceTimersByTimeAsync(1)
  expect(asked()).toHaveLength(2)
  expect(screen.queryByTestId('made')).toBeNull()
  await open('operator')
  expect(screen.getAllByTestId('device-add')).toHaveLength(1)
})

it('does not say that there is none where the list could not be read', async () => {
  await open('operator', new Refusal(503, { title: 'x', detail: '数据库忙' }))
  expect(screen.getByRole('alert').textContent).toContain('数据库忙')
  expect(document.querySelector('.empty')).toBeNull()
})
