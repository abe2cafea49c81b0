import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import EstateSketch from './EstateSketch.vue'

const place = (code: string, kind: string, outline: number[][], path: string[]) => ({ code, kind, name_zh: `名${code}`, name_en: code, outline, path })
const PLACES = [place('E', 'estate', [[0, 0], [100, 0], [100, 50], [0, 50]], ['E']), place('B1', 'building', [[10, 10], [30, 10], [30, 20], [10, 20]], ['E', 'B1'])]
const device = (id: string, online: boolean, x: number | null) => ({ id, name_zh: id, name_en: id, profile: 'smoke_sensor', online, x, y: x })
const alert = (id: number, on: string | null, severity: number) => ({ id, device: on, place: 'B1', estate: 'E', severity, code: 'FIRE-001' })
const props = { places: PLACES, byCode: new Map(PLACES.map((one) => [one.code, one])), devices: [device('d1', true, 40), device('d2', false, 60), device('d3', true, null)], focus: null }

it('draws one mark for a spot, that of its first alert, and the chosen one in front', async () => {
  const alerts = [alert(1, 'd1', 1), alert(2, 'd1', 3), alert(3, 'd2', 2)]
  const { emitted, rerender } = show(EstateSketch, { props: { ...props, alerts } })
  const marks = () => screen.getAllByTestId('sketch-marker').map((mark) => mark.dataset['alertId'])
  expect(marks()).toEqual(['1', '3'])
  await rerender({ focus: alerts[1] })
  expect(marks()).toEqual(['1', '3', '2'])
  await fireEvent.click(screen.getAllByTestId('sketch-marker')[1]!)
  expect(emitted('select')).toEqual([[3]])
})

it('lights up the building of the chosen alert, and its drawing has room for all of the estate', () => {
  const { container } = show(EstateSketch, { props: { ...props, alerts: [], focus: alert(4, null, 1) } })
  expect(container.querySelector('.hot title')!.textContent).toBe('名B1')
  expect(screen.getByTestId('sketch').getAttribute('viewBox')).toBe('-7 -67 114 74')
  expect(screen.getByTestId('sketch').classList).toContain('sev-1')
})

it('says of a device that it is offline, and draws none without a position', () => {
  const { container } = show(EstateSketch, { props: { ...props, alerts: [] } })
  expect([...container.querySelectorAll('.device title')].map((one) => one.textContent)).toEqual(['d1 · smoke_sensor', 'd2 · smoke_sensor · 离线'])
})
