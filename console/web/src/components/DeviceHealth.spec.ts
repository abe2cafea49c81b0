import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import DeviceHealth from './DeviceHealth.vue'

const AT = new Date().toISOString()
const health = (more = {}) => ({ held_by: null, cause: null, link: { status: 'up', since: AT }, data: { status: 'stale', last_seen: AT, limit_s: 3600 }, self_test: { status: 'failed', at: AT, reason: '探头脏' }, battery: null, uptime: { '1d': 1, '7d': 0.9876, '30d': null }, signal: null, clock: null, rate: { last_hour: 4, per_hour_24h: 2.25 }, flapping: { flapping: false, changes_1h: 0 }, duplicates_24h: 0, decode_errors_24h: {}, ...more })
const open = (answer: unknown) => {
  const api = serve({ 'GET /api/devices/{device_id}/health': answer })
  return { ...api, ...show(DeviceHealth, { props: { id: 'smoke-1' }, stubs: { BatteryChart: { template: '<p>chart</p>' } } }) }
}

it('gives three answers, never one: link, data and self-test', async () => {
  open(health())
  await settled()
  expect(['link', 'data', 'self'].map((key) => screen.getByTestId(`health-${key}`).dataset['status'])).toEqual(['up', 'stale', 'failed'])
  expect(screen.getByTestId('health-data').textContent).toContain('超过 1 小时 未上报即过期')
  expect(screen.getByTestId('health-self').textContent).toContain('探头脏')
})

it('what is unknown is neither zero nor good', async () => {
  const { container } = open(health())
  await settled()
  expect(screen.getByTestId('health-battery').textContent).toContain('没有电池，或从未上报电量')
  expect([...container.querySelectorAll('dd')].map(({ textContent }) => textContent)).toEqual(['100%', '98.8%', '—'])
  expect(screen.getAllByText('未上报')).toHaveLength(2)
  expect(screen.getByText('没有异常')).toBeTruthy()
})

it('says when a battery will be empty, draws more than one sample, and names every trouble', async () => {
  open(health({ battery: { percent: 12, at: AT, per_day: -1.5, empty_on: '2026-03-09T00:00:00Z', samples: [{}, {}] }, flapping: { flapping: true, changes_1h: 9 }, duplicates_24h: 2, decode_errors_24h: { strange: 3 }, clock: { offset_s: -70 } }))
  await settled()
  expect(screen.getByTestId('health-battery').textContent).toMatch(/12%.*每天约降 1\.5%.*预计 2026-03-09 耗尽.*chart/s)
  for (const said of ['反复上下线：1 小时内 9 次', '编号重复 2 条', 'strange 3', '1 分 10 秒']) expect(screen.getByText(said)).toBeTruthy()
  expect(screen.queryByText('没有异常')).toBeNull()
})

it('says once that its gateway is away, or what it has in common with others', async () => {
  const { unmount } = open(health({ held_by: 'gw-1', cause: { kind: 'place', ref: 'B1', offline: 3, of: 9 } }))
  expect(await screen.findByText(/网关 gw-1 断开/)).toBeTruthy()
  expect(screen.queryByText(/可能有共同原因/)).toBeNull()
  unmount()
  open(health({ cause: { kind: 'place', ref: 'B1', offline: 3, of: 9 } }))
  expect(await screen.findByText(/B1：9 台中 3 台离线/)).toBeTruthy()
})

it('asks again where no answer came', async () => {
  let answer: unknown = new Refusal(503, { title: 'away' })
  open(() => answer)
  const retry = await screen.findByRole('button', { name: '重试' })
  answer = health()
  await fireEvent.click(retry)
  expect(await screen.findByTestId('health-link')).toBeTruthy()
})
