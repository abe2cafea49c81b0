import { fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { hasWebGl } from '@/map/webgl'
import { useAlerts } from '@/stores/alerts'
import { usePlaces } from '@/stores/places'
import { show } from '@/testing'

import MapPane from './MapPane.vue'

vi.mock('@/map/webgl', () => ({ hasWebGl: vi.fn() }))
vi.mock('./CommunityMap.vue', () => ({ __esModule: true, default: { props: ['alerts', 'focus'], template: '<i data-testid="community">{{ alerts.length }}</i>' } }))
const place = (code: string, kind: string, outline: number[][], path: string[]) => ({ code, kind, name_zh: `名${code}`, name_en: code, outline, path, level: null })
const alert = (id: number, estate: string, at = estate) => ({ id, estate, place: at, device: 'd1', severity: 2, code: 'FIRE-001', state: 'open', raised_at: '2026-11-27T10:00:00Z', ended_at: null, version: 1 })
const STUBS = { EstateSketch: { props: ['alerts'], template: '<i data-testid="estate">{{ alerts.map(({ id }) => id) }}</i>' }, FloorPlans: { props: ['device', 'place', 'severity'], template: '<i data-testid="plans">{{ device }} {{ place }} {{ severity }}</i>' }, BuildingElevation: true }

function open(chosen: object | null, outline = [[0, 0], [9, 0], [9, 9]]) {
  return show(MapPane, {
    props: { alert: chosen },
    stubs: STUBS,
    known: () => {
      for (const one of [place('E', 'estate', outline, ['E']), place('B', 'building', [], ['E', 'B'])]) usePlaces().byCode.set(one.code, one as never)
      for (const one of [alert(1, 'E'), alert(2, 'F')]) useAlerts().take(one as never)
    },
  })
}
beforeEach(() => {
  localStorage.clear()
  vi.mocked(hasWebGl).mockReturnValue(true)
})

it('draws the estate of the alert with what else rings there, and says where it is not drawn', () => {
  open(alert(3, 'E', 'B'))
  expect(screen.getByTestId('estate').textContent).toBe('[\n  1\n]')
  expect(screen.getByText('告警地点没有坐标：名B')).toBeTruthy()
  expect(screen.getByRole('heading').textContent).toBe('名E')
})

it('changes to the map and to the plan, and begins there the next time', async () => {
  const { unmount } = open(alert(3, 'E', 'B'))
  await fireEvent.click(screen.getByTestId('picture-map'))
  expect((await screen.findByTestId('community')).textContent).toBe('2')
  await fireEvent.click(screen.getByTestId('picture-plan'))
  expect(screen.getByTestId('plans').textContent).toBe('d1 B 2')
  unmount()
  open(null)
  expect(screen.getByTestId('plans').textContent!.trim()).toBe('E 0')
  expect(screen.getByTestId('picture-plan').getAttribute('aria-pressed')).toBe('true')
})

it('keeps the sketch where the browser draws no map, and says why', () => {
  vi.mocked(hasWebGl).mockReturnValue(false)
  localStorage.setItem('shequ.picture', 'map')
  open(null)
  expect(screen.getByTestId('estate')).toBeTruthy()
  const button = screen.getByTestId<HTMLButtonElement>('picture-map')
  expect([button.disabled, button.title.length > 0]).toEqual([true, true])
})

it('says that an estate has no sketch', () => {
  open(alert(3, 'E'), [])
  expect(screen.getByText('这个小区还没有示意图')).toBeTruthy()
})
