import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import KpiBelow from './KpiBelow.vue'

const child = (code: string, value: number | null, met: boolean | null) => ({ code, name_zh: `名${code}`, name_en: code, value, met, numerator: 8, denominator: 10 })
const KPI = { name_zh: '到场率', name_en: 'Arrived', formula_zh: '按时到场 / 全部', formula_en: 'a / b', unit: 'percent', target: 90, children: [child('a', 80, false), child('b', 100, true), child('c', null, null)] }
const rows = (container: Element) => [...container.querySelectorAll('li')]

it('shows each place below with its figure, what it was made of and whether that is enough', async () => {
  const { container, emitted } = show(KpiBelow, { props: { kpi: KPI } })
  expect(rows(container).map((row) => row.textContent)).toEqual(['名a80%8 / 10', '名b100%8 / 10', '名c—本期无数据'])
  expect(rows(container).map((row) => row.querySelector('.fill')!.className)).toEqual(['fill bad', 'fill good', 'fill'])
  expect(rows(container).map((row) => row.querySelector<HTMLElement>('.fill')!.style.width)).toEqual(['80%', '100%', '0%'])
  expect(screen.getByTestId('kpi-below').textContent).toContain('公式：按时到场 / 全部')
  await fireEvent.click(screen.getByTestId('kpi-down-b'))
  expect(emitted('down')).toEqual([['b']])
})

it('measures seconds by the longest, and shows no goal where none is set', async () => {
  const { container, rerender } = show(KpiBelow, { props: { kpi: { ...KPI, unit: 'seconds', target: null, children: [child('a', 30, null), child('b', 120, null)] } } })
  expect(rows(container).map((row) => row.querySelector<HTMLElement>('.fill')!.style.width)).toEqual(['25%', '100%'])
  expect(container.querySelector('.goal')).toBeNull()
  await rerender({ kpi: { ...KPI, children: [] } })
  expect(screen.getByText('没有下级')).toBeTruthy()
})
