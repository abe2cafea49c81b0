import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import DeviceHistory from './DeviceHistory.vue'

const row = (id: number, more = {}) => ({ id, at: '2026-01-01T00:00:00Z', action: 'change', actor: 'li', from_state: null, to_state: null, reason: null, detail: {}, ...more })
const open = (answer: unknown) => {
  const api = serve({ 'GET /api/devices/{device_id}/history': answer })
  return { ...api, ...show(DeviceHistory, { props: { id: 'smoke-1' } }) }
}

it('says of a change who made it, and each field before and after', async () => {
  open({ items: [row(1, { detail: { serial: [null, 'SN1'], strange: { a: 1 } } })], next: null })
  const text = (await screen.findByTestId('history-row')).textContent
  expect(text).toContain('li')
  expect(text).toContain('序列号：— → SN1')
  expect(text).toContain('strange {"a":1}')
})

it('says into which state it went and why, and nothing where it stayed', async () => {
  open({ items: [row(1, { from_state: 'active', to_state: 'retired', reason: '损坏' }), row(2, { from_state: 'active', to_state: 'active' })], next: null })
  const [went, stayed] = await screen.findAllByTestId('history-row')
  expect(went!.textContent).toMatch(/→ 已退役.*损坏/s)
  expect(stayed!.textContent).not.toContain('→')
})

it('brings more', async () => {
  const { calls } = open((wish: { params: { query: { cursor?: string } } }) => (wish.params.query.cursor ? { items: [row(2)], next: null } : { items: [row(1)], next: 'c1' }))
  await fireEvent.click(await screen.findByRole('button', { name: '加载更多' }))
  await settled()
  expect(screen.getAllByTestId('history-row')).toHaveLength(2)
  expect(calls('GET')[1]![1]).toMatchObject({ params: { path: { device_id: 'smoke-1' }, query: { cursor: 'c1' } } })
})

it('tells nothing done from nothing read', async () => {
  const { unmount } = open({ items: [], next: null })
  expect(await screen.findByText('还没有记录')).toBeTruthy()
  unmount()
  open(new Refusal(503, { title: 'away' }))
  expect((await screen.findByRole('alert')).textContent).toBe('读取失败：away')
  expect(screen.queryByText('还没有记录')).toBeNull()
})
