import { cleanup, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useKpi } from '@/stores/kpi'
import { show } from '@/testing'

import KpiStrip from './KpiStrip.vue'

const duty = (ok: boolean, counts = {}) => ({ ok, counts: { timers_late: 0, letters_late: 0, ...counts } })
const FIGURES = { open_by_severity: { 1: 2, 3: 1200 }, unacknowledged: 1500, incidents_open: 3, devices_offline: 4, devices: 9000, alerts_today: 70, ack_p50_s: 42, ack_p90_s: null, duty: duty(true) }
const open = (more: object | null) => show(KpiStrip, { known: () => void (useKpi().figures = more && ({ ...FIGURES, ...more } as never)) })
const figure = (key: string) => screen.getByTestId(`kpi-${key}`).querySelector('dd')!.textContent

it('counts what is open by severity, and the rest in words', () => {
  const { container } = open({})
  expect([...container.querySelectorAll('.severity')].map((one) => one.querySelector('.visually-hidden')!.textContent + one.querySelector('dd')!.textContent)).toEqual(['紧急2', '重要0', '一般1200', '提示0'])
  expect(['unacknowledged', 'incidents', 'offline', 'today', 'duty', 'ack'].map(figure)).toEqual(['1,500', '3', '4 / 9,000', '70', '正常', '42 秒 / —'])
  expect(screen.getByTestId('kpi-duty').className).not.toContain('alarm')
})

it('names what the self-check found, and that nobody checks', () => {
  open({ duty: duty(false, { timers_late: 2, alerts_without_timer: 1 }) })
  expect(figure('duty')).toBe('迟到的定时 2 · 无计时的待接警 1')
  expect(screen.getByTestId('kpi-duty').className).toContain('alarm')
  cleanup()
  open({ duty: duty(false) })
  expect(figure('duty')).toBe('未运行')
})

it('does not say that nothing is open before anybody counted', () => {
  const { container } = open(null)
  expect([...container.querySelectorAll('dd')].map((one) => one.textContent)).toEqual(['—', '—', '—', '—'])
})
