import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import DayChart from './DayChart.vue'

const open = (days: object, start = '2026-03-01', end = '2026-03-03') => show(DayChart, { props: { days, start, end } }).container

it('has a place for each day, also for one without an alert', () => {
  const titles = [...open({ '2026-03-02': { would: 4, stored: 2 } }).querySelectorAll('title')].map(({ textContent }) => textContent)
  expect(titles).toEqual(['2026-03-01 这个版本 0 · 启用版本 0 · 实际告警 0', '2026-03-02 这个版本 4 · 启用版本 0 · 实际告警 2', '2026-03-03 这个版本 0 · 启用版本 0 · 实际告警 0'])
})

it('draws what this version would raise twice as high as half of it', () => {
  const day = open({ '2026-03-02': { would: 4, stored: 2 } }).querySelectorAll('.day')[1]!
  const high = (series: string) => Number(day.querySelector(`rect.${series}`)!.getAttribute('height'))
  expect(high('would')).toBeCloseTo(2 * high('stored'))
  expect(high('live')).toBe(0)
})

it('names itself and its three series, and labels eight days of a long span at most', () => {
  const labels = open({}, '2026-03-01', '2026-03-31').querySelectorAll('text[text-anchor=middle]')
  expect(screen.getByRole('img', { name: '每日告警数' })).toBeTruthy()
  expect(screen.getByRole('figure').textContent).toMatch(/这个版本.*启用版本.*实际告警/s)
  expect(labels.length).toBeLessThanOrEqual(8)
})
