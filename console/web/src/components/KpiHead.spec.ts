import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import KpiHead from './KpiHead.vue'

const step = (code: string) => ({ code, kind: 'town', name_zh: `名${code}`, name_en: code })

it('leads up the path, not to where one is, and to another month', async () => {
  const { emitted } = show(KpiHead, { props: { title: '指标', path: [step('a'), step('b')], modelValue: '2026-11' }, slots: { default: '导出' } })
  expect(screen.getByTestId<HTMLButtonElement>('kpi-node-b').disabled).toBe(true)
  await fireEvent.click(screen.getByTestId('kpi-node-a'))
  expect(emitted('go')).toEqual([['a']])
  await fireEvent.update(screen.getByTestId('kpi-month'), '2026-10')
  expect(emitted('update:modelValue')).toEqual([['2026-10']])
  expect(screen.getByText('导出')).toBeTruthy()
})
