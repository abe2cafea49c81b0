import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import DeviceOverview from './DeviceOverview.vue'

const URI = '/api/devices/{device_id}/lifecycle'
const event = (n: number) => ({ id: String(n), device: 'smoke-1', type: 'fault', at: new Date(Date.UTC(2026, 0, n + 1)).toISOString(), data: { code: `c${n}` } })
const device = (more = {}) => ({ id: 'smoke-1', place: 'EST1', version: 4, legal: ['maintain', 'activate', 'retire'], events: [], ...more })
const stubs = { CallList: true, DeviceFacts: true, DevicePlan: true, DeviceRecords: true, EventPlate: true, VerdictsCard: true }
const open = (role: string, more = {}, answer: unknown = {}) => {
  const api = serve({ [`POST ${URI}`]: answer })
  return { ...api, ...show(DeviceOverview, { props: { device: device(more) }, role, stubs }) }
}

it('retires a device only for a reason, with a warning, for the version that was seen', async () => {
  const { calls, emitted } = open('property')
  await fireEvent.click(screen.getByTestId('life-retire'))
  expect(screen.getByTestId('confirm').textContent).toMatch(/「退役」.*不能恢复/s)
  await agree('损坏')
  await settled()
  expect(calls('POST')[0]).toMatchObject([URI, { params: { path: { device_id: 'smoke-1' } }, body: { action: 'retire', reason: '损坏', version: 4 } }])
  expect(emitted('changed')).toHaveLength(1)
})

it('takes one into use without a reason, and says why it could not', async () => {
  const { calls } = open('property', {}, new Refusal(409, { title: 'no', detail: '没有口令' }))
  await fireEvent.click(screen.getByTestId('life-activate'))
  expect(screen.queryByTestId('confirm-reason')).toBeNull()
  await agree()
  await settled()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { action: 'activate', reason: undefined } })
  expect(screen.getByRole('alert').textContent).toContain('没有口令')
})

it('an operator moves nothing', () => {
  open('operator')
  expect(screen.queryByTestId('life-retire')).toBeNull()
  expect(screen.getByText('没有可做的操作')).toBeTruthy()
})

it('shows the last twelve messages, the newest first', () => {
  open('operator', { events: Array.from({ length: 14 }, (_, n) => event(n)) })
  const rows = screen.getAllByRole('listitem')
  expect(rows).toHaveLength(12)
  expect(rows[0]!.textContent).toContain('c13')
  expect(rows[11]!.textContent).toContain('c2')
})
