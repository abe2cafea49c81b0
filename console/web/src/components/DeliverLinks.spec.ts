import { screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import DeliverLinks from './DeliverLinks.vue'

const link = (more = {}) => ({ code: 'up', name_zh: '市中心', name_en: 'City', direction: 'up', url: 'https://city', problem: null, last_error: null, queued: 0, oldest_s: null, cases: 4, mirrored: 3, last_received: null, ...more })
const open = (answer: unknown) => {
  const api = serve({ 'GET /api/cascade/links': answer })
  return { ...api, ...show(DeliverLinks) }
}

beforeEach(() => {
  vi.useFakeTimers()
})

it('says of each centre what waits for it, and why only while something does', async () => {
  open({ items: [link({ last_error: 'timeout' }), link({ code: 'down', direction: 'down', queued: 2, oldest_s: 60, last_error: 'timeout' })] })
  await vi.advanceTimersByTimeAsync(0)
  const [calm, stuck] = screen.getAllByTestId('link-card')
  expect(calm!.textContent).toMatch(/市中心 上级.*案件 4（下级 3）.*从未/s)
  expect(calm!.textContent).not.toContain('timeout')
  expect(stuck!.textContent).toMatch(/下级.*timeout.*2 最早 1 分钟/s)
})

it('looks again every five seconds, keeps what it knows, and stops with the page', async () => {
  let answer: unknown = { items: [link()] }
  const { calls, unmount } = open(() => answer)
  await vi.advanceTimersByTimeAsync(0)
  answer = new Refusal(503, { title: 'away' })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(screen.getByRole('alert').textContent).toContain('away')
  expect(screen.getByTestId('link-card')).toBeTruthy()
  unmount()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(calls('GET')).toHaveLength(2)
})

it('says that there is no other centre', async () => {
  open({ items: [] })
  await vi.advanceTimersByTimeAsync(0)
  expect(screen.getByText('没有与其他综治中心的级联')).toBeTruthy()
})
