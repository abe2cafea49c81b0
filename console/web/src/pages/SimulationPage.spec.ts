import { cleanup, fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import SimulationPage from './SimulationPage.vue'

const STAND = { estates: ['E1'], scripts: [{ key: 'fire', name_zh: '火警', name_en: 'Fire', codes: ['FIRE-001'] }, { key: 'calm', name_zh: '平常', name_en: 'Calm', codes: [] }], playing: [] }
const PLACES = { items: [{ code: 'E1', kind: 'estate', path: ['E1'], name_zh: '小区', name_en: 'Estate' }] }
async function open(answers: object = {}) {
  const { calls } = serve({ 'GET /api/simulation': STAND, 'GET /api/places': PLACES, ...answers })
  show(SimulationPage, { role: 'developer', stubs: { SimulationTraffic: true } })
  await vi.advanceTimersByTimeAsync(0)
  return { calls, asked: () => calls('GET').filter(([path]) => path === '/api/simulation').length }
}
beforeEach(() => void vi.useFakeTimers())

it('says what each scenario raises, and plays it where somebody chose', async () => {
  const scene = { name: 's1', key: 'fire', started_at: '2026-03-01T00:00:00Z', cast: { smoke: 'd1' } }
  const { calls } = await open({ 'POST /api/simulation': { ...STAND, playing: [scene] } })
  expect(screen.getByText('应产生 FIRE-001 FIRE-001')).toBeTruthy()
  expect(screen.getByText('不产生告警')).toBeTruthy()
  expect(screen.getByText('没有场景在播放')).toBeTruthy()
  await fireEvent.update(screen.getByTestId('simulation-estate'), 'E1')
  expect(screen.getByText('小区', { selector: 'option' })).toBeTruthy()
  await fireEvent.click(screen.getByRole('button', { name: '播放 火警' }))
  await vi.advanceTimersByTimeAsync(0)
  expect(calls('POST')).toEqual([['/api/simulation', { body: { scenario: 'fire', estate: 'E1' } }]])
  expect(screen.getByTestId('simulation-playing').textContent).toMatch(/火警.*d1/)
})

it('keeps saying why a scenario was refused while it looks again', async () => {
  const { asked } = await open({ 'POST /api/simulation': new Refusal(409, { title: 'x', detail: '已在播放' }) })
  await fireEvent.click(screen.getByTestId('play-fire'))
  await vi.advanceTimersByTimeAsync(3_000)
  expect(asked()).toBe(2)
  expect(screen.getByRole('alert').textContent).toContain('已在播放')
})

it('says that there is none, and asks no more', async () => {
  const { asked } = await open({ 'GET /api/simulation': new Refusal(404) })
  expect(screen.getByTestId('simulation-none')).toBeTruthy()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked()).toBe(1)
})

it('asks no more once it is left, even where an answer was on its way', async () => {
  let arrive = (): void => undefined
  const { asked } = await open({ 'GET /api/simulation': () => new Promise((resolve) => (arrive = () => resolve(STAND))) })
  cleanup()
  arrive()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked()).toBe(1)
})
