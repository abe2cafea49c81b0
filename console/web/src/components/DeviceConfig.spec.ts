import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import DeviceConfig from './DeviceConfig.vue'

const URI = '/api/devices/{device_id}/config'
const AT = '2026-01-01T00:00:00Z'
const schema = { properties: { volume: { type: 'integer', title: '音量' } } }
const config = (more = {}) => ({ status: 'applied', schema, desired: { version: 3, data: { volume: 5 }, by: 'li', at: AT }, reported: null, history: [], ...more })
const open = (role: string, get: unknown, put: unknown = config()) => {
  const api = serve({ [`GET ${URI}`]: get, [`PUT ${URI}`]: put })
  return { ...api, ...show(DeviceConfig, { props: { id: 'siren-1', stamp: 'a' }, role }) }
}
const volume = () => screen.getByLabelText<HTMLInputElement>(/音量/)

it('sends what is wanted, for the version that was seen, and waits for the device', async () => {
  const { calls } = open('property', config(), config({ status: 'pending' }))
  await screen.findByTestId('config-form')
  await fireEvent.update(volume(), '7')
  await fireEvent.submit(screen.getByTestId('config-form'))
  await settled()
  expect(calls('PUT')[0]).toMatchObject([URI, { params: { path: { device_id: 'siren-1' } }, body: { data: { volume: 7 }, version: 3 } }])
  expect(screen.getByRole('status').textContent).toBe('已下发，等待设备应用')
})

it('keeps what somebody types when the device answers, and shows why it failed', async () => {
  let answer = config()
  const { rerender } = open('property', () => answer)
  await screen.findByTestId('config-form')
  await fireEvent.update(volume(), '9')
  answer = config({ status: 'failed', reported: { version: 3, at: AT, reason: '超出范围' } })
  await rerender({ id: 'siren-1', stamp: 'b' })
  await settled()
  expect(volume().value).toBe('9')
  expect(screen.getByTestId('config-status').textContent).toBe('应用失败')
  expect(screen.getByText('原因：超出范围')).toBeTruthy()
})

it('takes an earlier version back into the form', async () => {
  open('property', config({ history: [{ version: 2, data: { volume: 1 }, by: 'wang', at: AT, rollout: 8 }] }))
  expect((await screen.findByRole('listitem')).textContent).toMatch(/2.*wang.*批量任务 #8/s)
  await fireEvent.click(screen.getByRole('button', { name: '取用' }))
  expect(volume().value).toBe('1')
})

it('an operator reads it; a model without settings says so; a refusal is told', async () => {
  const { unmount } = open('operator', config({ history: [{ version: 2, data: {}, by: 'wang', at: AT, rollout: null }] }))
  await screen.findByTestId('config-form')
  expect(volume().matches(':disabled')).toBe(true)
  expect(screen.queryByRole('button')).toBeNull()
  unmount()
  const other = open('property', config({ schema: {}, desired: null, status: 'none' }))
  expect(await screen.findByText('这个型号没有可配置的项目')).toBeTruthy()
  other.unmount()
  open('property', new Refusal(503, { title: 'away' }))
  expect((await screen.findByRole('alert')).textContent).toContain('away')
})
