import { screen, waitFor } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useAlerts } from '@/stores/alerts'
import { useFeed } from '@/stores/feed'
import { useKpi } from '@/stores/kpi'
import { useSession } from '@/stores/session'
import { Refusal, serve, show } from '@/testing'

import WallPage from './WallPage.vue'

beforeEach(() => void vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)) // no WebGL
const stubs = { EstateSketch: { template: '<i data-testid="sketch">{{ alerts.map((one) => one.id).join() }}</i>', props: ['alerts', 'places', 'byCode', 'devices', 'focus'] }, HoursChart: true, WallFleet: { template: '<i data-testid="fleet" />' }, WallGoals: { template: '<i data-testid="goals">{{ board ? 1 : 0 }}</i>', props: ['board'] }, WallNow: { template: '<i data-testid="now">{{ alerts.map((one) => one.id).join() }}</i>', props: ['alerts'] } }
const alert = (id: number, more = {}) => ({ id, version: 1, severity: 2, code: 'A', state: 'open', estate: 'E1', place: 'E1', raised_at: `2026-03-01T00:00:0${id}Z`, ended_at: null, ...more })
const step = (code: string) => ({ code, kind: 'estate', name_zh: `名${code}`, name_en: code })
function open(answers: object = {}) {
  serve({ 'GET /api/wall': { fleet: [], hours: [] }, 'GET /api/kpi/board': { path: [step('county'), step('E1')], kpis: [] }, ...answers })
  show(WallPage, { role: 'operator', stubs })
}

it('shows what is open, without what is suppressed, and on the sketch the estate of the worst', async () => {
  open()
  for (const one of [alert(1), alert(2, { state: 'suppressed' }), alert(3, { estate: 'E2' }), alert(4, { severity: 1 })]) useAlerts().take(one as never)
  await nextTick()
  expect(screen.getByTestId('now').textContent).toBe('4,3,1')
  expect(screen.getByTestId('sketch').textContent).toBe('4,1')
})

it('counts by severity, alarms at what waits, and says whether the line stands', async () => {
  open()
  useKpi().figures = { open_by_severity: { 1: 2 }, unacknowledged: 3, incidents_open: 1, alerts_today: 9, devices_offline: 0 } as never
  useFeed().heard(null)
  await nextTick()
  expect(screen.getAllByTestId('wall-count').map((one) => one.textContent)).toEqual(['2', '0', '0', '0'])
  expect([...document.querySelectorAll('.figures .alarm dd')].map((one) => one.textContent)).toEqual(['3'])
  const live = screen.getByTestId('wall-live').textContent
  useFeed().connection = 'lost'
  await nextTick()
  expect(screen.getByTestId('wall-live').textContent).not.toBe(live)
})

it('names itself after the county, or after the part of it that one sees', async () => {
  open()
  await waitFor(() => expect(screen.getByTestId('goals').textContent).toBe('1'))
  expect(screen.getByRole('heading', { level: 1 }).textContent).not.toContain('名E1')
  useSession().me = { name: 'me', role: 'operator', scope: 'E1' } as never
  await nextTick()
  expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('名E1')
})

it('shows what it has where one of its figures cannot be had', async () => {
  open({ 'GET /api/kpi/board': new Refusal(503) })
  expect(await screen.findByTestId('fleet')).toBeTruthy()
  expect(screen.getByTestId('goals').textContent).toBe('0')
})
