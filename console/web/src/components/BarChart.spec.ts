import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import BarChart from './BarChart.vue'

const rows = [{ day: '2026-03-01', values: [10, 5] }, { day: '2026-03-02', values: [0, 0] }]
const open = (of = rows) => show(BarChart, { props: { rows: of, series: ['告警', '误报'], label: '每日' } }).container

it('draws each figure as high as it is, from the same ground', () => {
  const bars = [...open().querySelectorAll('rect')].map((bar) => ({ top: Number(bar.getAttribute('y')), high: Number(bar.getAttribute('height')) }))
  expect(bars[0]!.high).toBeCloseTo(2 * bars[1]!.high)
  expect(bars[2]!.high).toBe(0)
  expect(bars[0]!.top + bars[0]!.high).toBeCloseTo(bars[1]!.top + bars[1]!.high)
})

it('names itself, its series and the figures of each day', () => {
  const titles = [...open().querySelectorAll('title')].map(({ textContent }) => textContent)
  expect(screen.getByRole('img', { name: '每日' })).toBeTruthy()
  expect(screen.getByRole('figure').textContent).toMatch(/告警.*误报/)
  expect(titles).toEqual(['2026-03-01: 10 / 5', '2026-03-02: 0 / 0'])
})

it('labels ten days of a long span at most', () => {
  const days = Array.from({ length: 31 }, (_, n) => ({ day: `2026-03-${String(n + 1).padStart(2, '0')}`, values: [1] }))
  expect(open(days).querySelectorAll('text[text-anchor=middle]').length).toBeLessThanOrEqual(10)
})
