import { cleanup, fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { serve, show } from '@/testing'

import InspectorPage from './InspectorPage.vue'

const event = { kind: 'event', id: 1, quarantine: null, device: 'd1', topic: null, type: 'smoke', data: { level: 3 }, at: '2026-03-01T00:00:00Z', received_at: '2026-03-01T00:00:00.400Z', committed_at: '2026-03-01T00:00:01Z', flags: [], reason: null, detail: null }
const aside = { ...event, kind: 'aside', id: null, quarantine: 9, type: null, data: null, topic: 'shequ/x', reason: 'schema', detail: 'level is missing' }
const PLACES = { items: [{ code: 'E1', kind: 'estate', path: ['E1'], name_zh: '小区', name_en: 'Estate' }] }

async function open(at: string, answer: unknown = { items: [event, aside] }) {
  const { calls } = serve({ 'GET /api/places': PLACES, 'GET /api/inspector': answer })
  show(InspectorPage, { role: 'developer', at })
  await vi.advanceTimersByTimeAsync(0)
  return () => calls('GET').filter(([path]) => path === '/api/inspector').map((call) => (call[1] as { params: { query: object } }).params.query)
}
beforeEach(() => void vi.useFakeTimers())

it('shows what was heard, how long it took, and where it leads', async () => {
  await open('/inspector?device=d1')
  const [heard, set] = screen.getAllByTestId('heard')
  expect(heard!.textContent).toMatch(/d1.*smoke.*\{"level":3\}.*设备 → 到达 0\.4 秒 → 入库 0\.6 秒/)
  expect(heard!.querySelector('a')!.getAttribute('href')).toBe('/device/d1')
  expect(set!.textContent).toMatch(/shequ\/x.*被隔离.*level is missing/)
  expect(set!.querySelector('a')!.getAttribute('href')).toBe('/quarantine')
})

it('asks for nothing before something is chosen, of all estates one may see', async () => {
  const asked = await open('/inspector')
  expect(screen.getByText('小区', { selector: 'option' })).toBeTruthy()
  expect(asked()).toEqual([])
  await fireEvent.update(screen.getByTestId('inspector-estate'), 'E1')
  await vi.advanceTimersByTimeAsync(0)
  expect(asked()).toEqual([{ estate: 'E1', device: undefined }])
})

it('looks again every two seconds, not while it is paused', async () => {
  const asked = await open('/inspector?device=d1', { items: [] })
  expect(screen.getByText('最近一刻钟没有消息')).toBeTruthy()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(asked()).toHaveLength(2)
  await fireEvent.click(screen.getByTestId('inspector-pause'))
  await vi.advanceTimersByTimeAsync(6_000)
  expect(asked()).toHaveLength(2)
})

it('asks no more once it is left, even where an answer was on its way', async () => {
  let arrive = (): void => undefined
  const asked = await open('/inspector?device=d1', () => new Promise((resolve) => (arrive = () => resolve({ items: [] }))))
  cleanup()
  arrive()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked()).toHaveLength(1)
})
