import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import BatteryChart from './BatteryChart.vue'

const SAMPLES = [{ at: '2025-12-11T04:00:00Z', percent: 40 }, { at: '2025-12-01T04:00:00Z', percent: 80 }]
const open = (emptyOn: string | null) => show(BatteryChart, { props: { samples: SAMPLES, emptyOn } }).container
const number = (line: Element, name: string) => Number(line.getAttribute(name))

it('draws the past in the order of time, falling', () => {
  const points = open(null).querySelector('.past')!.getAttribute('points')!.split(' ').map((pair) => pair.split(',').map(Number))
  expect(points[0]![0]).toBe(0)
  expect(points[1]![0]).toBe(900)
  expect(points[1]![1]).toBeGreaterThan(points[0]![1]!)
})

it('looks ahead no farther than the past is long, and not at all where no end is known', () => {
  const ahead = open('2026-01-10T04:00:00Z').querySelector('.ahead')!
  expect([number(ahead, 'x1'), number(ahead, 'x2')]).toEqual([450, 900])
  expect(number(ahead, 'y2')).toBeGreaterThan(number(ahead, 'y1'))
  expect(open(null).querySelector('.ahead')).toBeNull()
})

it('names both days in full, also those of another year', () => {
  open('2026-01-10T04:00:00Z')
  expect(screen.getByRole('img').textContent).toBe('2025/12/012025/12/21')
})
