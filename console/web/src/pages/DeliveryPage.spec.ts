import { cleanup, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import DeliveryPage from './DeliveryPage.vue'

const part = (name: string) => ({ template: `<i data-testid="${name}" />`, props: ['channels', 'dead'] })
const stubs = { DeliverChannels: { template: '<i data-testid="channels">{{ channels.length }}</i>', props: ['channels'] }, DeliverLetters: { template: '<i data-testid="letters">{{ dead }}</i>', props: { dead: Boolean } }, DeliverTests: part('tests'), DeliverLinks: part('links') }
const open = (at: string, answer: unknown = { items: [{ code: 'a', last_test: { state: 'missed' } }, { code: 'b', last_test: null }] }) => {
  const { calls } = serve({ 'GET /api/deliver/channels': answer })
  show(DeliveryPage, { role: 'operator', at, stubs })
  return calls
}
beforeEach(() => void vi.useFakeTimers())

it('warns of channels whose test nobody answered, and looks again every five seconds while it is open', async () => {
  const calls = open('/delivery')
  await vi.advanceTimersByTimeAsync(0)
  expect(screen.getByTestId('tests-missed').textContent).toContain('1 个通道')
  expect(screen.getByTestId('channels').textContent).toBe('2')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(calls('GET')).toHaveLength(2)
  cleanup()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(calls('GET')).toHaveLength(2)
})

it('opens the tab of the address', () => {
  open('/delivery?tab=dead')
  expect(screen.getByTestId('letters').textContent).toBe('true')
  cleanup()
  open('/delivery?tab=letters')
  expect(screen.getByTestId('letters').textContent).toBe('false')
  cleanup()
  open('/delivery?tab=cascade')
  expect(screen.getByTestId('links')).toBeTruthy()
})

it('keeps the channels it knows where it can no longer ask, and says so', async () => {
  const answers: unknown[] = [{ items: [{ code: 'a', last_test: null }] }, new Refusal(503, { title: 'x', detail: '数据库忙' })]
  open('/delivery', () => answers.shift())
  await vi.advanceTimersByTimeAsync(5_000)
  expect(screen.getByRole('alert').textContent).toContain('数据库忙')
  expect(screen.getByTestId('channels').textContent).toBe('1')
})
