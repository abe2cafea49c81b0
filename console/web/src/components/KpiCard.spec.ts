import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import KpiCard from './KpiCard.vue'

const KPI = { id: 'arrive', name_zh: '到场率', name_en: 'Arrived', formula_zh: '按时到场 / 全部', formula_en: 'in time / all', unit: 'percent', better: 'high', value: 93.33, numerator: 28, denominator: 30, met: true, target: 90, target_source: '县考核办法' }
const open = (more = {}, lang: 'zh' | 'en' = 'zh') => show(KpiCard, { props: { kpi: { ...KPI, ...more }, chosen: false }, lang })
const text = () => screen.getByTestId('kpi-card').textContent

it('shows the value with its target, its parts, its formula and where the target is from', async () => {
  const { emitted } = open()
  expect(text()).toMatch(/到场率93.3% ✓ 达标目标 ≥ 90%28 \/ 30公式按时到场 \/ 全部目标来源：县考核办法/)
  await fireEvent.click(screen.getByRole('button', { pressed: false }))
  expect(emitted('choose')).toHaveLength(1)
})

it('says that it missed, and that less is better', () => {
  open({ unit: 'seconds', better: 'low', value: 90, target: 60, met: false })
  expect(text()).toMatch(/1 分 30 秒 ✗ 未达标目标 ≤ 1 分钟30 件/)
})

it('judges nothing without a target or a figure, in the reader’s language', () => {
  open({ value: null, met: null, target: null, target_source: null }, 'en')
  expect(text()).toMatch(/Arrived—.*No target.*Nothing to count.*in time \/ all$/)
})
