import { screen, waitFor } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { show } from '@/testing'

import HoursChart from './HoursChart.vue'

const chart = vi.hoisted(() => ({ setOption: vi.fn(), resize: vi.fn(), dispose: vi.fn() }))
vi.mock('@/charts', () => ({ init: () => chart }))
const hour = (h: number, ...by_severity: number[]) => ({ at: `2026-11-27T0${h}:00:00`, by_severity })
const drawn = () => (chart.setOption.mock.calls.at(-1)![0] as { xAxis: { data: string[] }; series: { name: string; data: number[] }[] })

it('stacks the hours by severity, and speaks the sum of each', async () => {
  const { rerender, unmount } = show(HoursChart, { props: { hours: [hour(8, 1, 0, 2, 0), hour(9, 0, 3)] } })
  expect(screen.getByTestId('wall-trend').getAttribute('aria-label')).toBe('近 24 小时告警: 3 3')
  await waitFor(() => expect(chart.setOption).toHaveBeenCalled())
  expect(drawn().xAxis.data).toEqual(['08', '09'])
  expect(drawn().series.map(({ name, data }) => [name, ...data])).toEqual([['紧急', 1, 0], ['重要', 0, 3], ['一般', 2, 0], ['提示', 0, 0]])
  await rerender({ hours: [hour(9, 4)] })
  expect(drawn().series[0]!.data).toEqual([4])
  unmount()
  expect(chart.dispose).toHaveBeenCalledOnce()
})
