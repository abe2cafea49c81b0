import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import DeviceCommands from './DeviceCommands.vue'

const URI = '/api/devices/{device_id}/commands'
const device = { id: 'gate-1', name_zh: '东门', name_en: 'East', profile: 'gate', make: 'acme', model: 'g1', lifecycle: 'active' }
const command = (name: string, more = {}) => ({ name, name_zh: `令${name}`, name_en: name, danger: false, args_schema: {}, ...more })
const MODELS = [{ profile: 'gate', make: '*', model: '*', commands: [command('any')] }, { profile: 'gate', make: 'acme', model: '*', commands: [command('open', { danger: true })] }, { profile: 'smoke', make: 'acme', model: 'g1', commands: [command('mute')] }]
const row = (more = {}) => ({ id: 1, name: 'open', state: 'refused', asked_at: '2026-01-01T00:00:00Z', asked_by: 'li', reason: '救护车', sent_at: '2026-01-01T00:00:00Z', replied_at: '2026-01-01T00:00:02Z', reply: { reason: '门已锁死' }, ...more })
const open = (role: string, { log = { items: [], next: null } as unknown, post = {} as unknown, of = device } = {}) => {
  const api = serve({ 'GET /api/device-models': { items: MODELS }, [`GET ${URI}`]: log, [`POST ${URI}`]: post })
  const { unmount } = show(DeviceCommands, { props: { device: of }, role })
  return { ...api, unmount }
}

it('offers what the best fitting model takes, warns, and sends it for a reason', async () => {
  const { calls } = open('operator')
  await fireEvent.click(await screen.findByTestId('command-open'))
  expect(screen.queryByTestId('command-any')).toBeNull()
  expect(screen.getByTestId('confirm').textContent).toMatch(/对「东门」执行「令open」？.*影响现场人员/s)
  await agree('救护车')
  await settled()
  expect(calls('POST')[0]).toMatchObject([URI, { params: { path: { device_id: 'gate-1' } }, body: { name: 'open', args: {}, reason: '救护车' } }])
  expect(calls('GET').filter(([path]) => path === URI)).toHaveLength(2)
})

it('says of each command who wanted it, why, and what the device answered', async () => {
  open('operator', { log: { items: [row()], next: null } })
  expect((await screen.findByTestId('command-row')).textContent).toMatch(/令open.*设备拒绝.*li.*救护车.*用时 2 秒.*门已锁死/s)
})

it('says why a command was not sent', async () => {
  open('operator', { post: new Refusal(409, { title: 'no', detail: '设备离线' }) })
  await fireEvent.click(await screen.findByTestId('command-open'))
  await agree('救护车')
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('设备离线')
})

it('does not pass a log that did not come for an empty one', async () => {
  open('operator', { log: new Refusal(503, { title: 'away' }) })
  expect((await screen.findByRole('alert')).textContent).toBe('读取失败：away')
  expect(screen.queryByText('还没有下发过命令')).toBeNull()
})

it('who writes rules reads the log and sends nothing; a retired device takes nothing', async () => {
  for (const [role, of] of [['developer', device], ['operator', { ...device, lifecycle: 'retired' }]] as const) {
    const { unmount } = open(role, { of })
    expect(await screen.findByText('还没有下发过命令')).toBeTruthy()
    expect(screen.queryByText('下发命令')).toBeNull()
    unmount()
  }
})
