import { useI18n } from 'vue-i18n'

import type { Figure, Indicator } from '@/api/types'

import { useTime } from './useTime'

/** This month, as the county's calendar has it. */
export function thisMonth(now: number): string {
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 7)
}

/** Indicators in words: a value, what it was made of, whether it is good enough. */
export function useKpi() {
  const { t, locale } = useI18n()
  const { duration } = useTime()

  const figure = (unit: Indicator['unit'], value: number | null): string => {
    if (value === null) return t('common.dash')
    if (unit === 'seconds') return duration(value)
    if (unit === 'per_grid') return String(Number(value.toFixed(2)))
    return unit === 'percent' ? `${Number(value.toFixed(1))}%` : String(value)
  }

  const made = (unit: Indicator['unit'], one: Figure): string => {
    if (one.value === null) return t('score.noData')
    if (unit === 'percent' || unit === 'per_grid') return t('score.of', { n: one.numerator ?? 0, d: one.denominator })
    return unit === 'seconds' ? t('score.cases', { d: one.denominator }) : ''
  }

  const formula = (kpi: Indicator): string => (locale.value === 'zh' ? kpi.formula_zh : kpi.formula_en)

  return { figure, made, formula }
}
