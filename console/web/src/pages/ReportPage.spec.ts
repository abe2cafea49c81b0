import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import ReportPage from './ReportPage.vue'

const step = (code: string) => ({ code, kind: 'estate', name_zh: `名${code}`, name_en: code })
const kpi = (id: string, more = {}) => ({ id, name_zh: `名${id}`, name_en: id, unit: 'percent', value: 92.34, numerator: 12, denominator: 13, target: 95, met: false, formula_zh: '办结 ÷ 受理', formula_en: 'closed / taken', ...more })
const REPORT = { path: [step('county'), step('E1')], kpis: [kpi('a'), kpi('b', { value: null, target: null, met: null })], by_day: [{ day: '2026-02-01', alerts: 3, opened: 2, closed: 1 }], by_code: Array.from({ length: 14 }, (_, n) => ({ code: `C-${n}`, n })), by_severity: [{ severity: 1, n: 4 }], counted_out: { drill: 1, merged: 2, rejected: 3 }, false_by_rule: [], false_by_device: [], made_by: 'li', made_at: '2026-03-01T00:00:00Z' }
const stubs = { BarChart: { template: '<i data-testid="days">{{ JSON.stringify(rows) }}</i>', props: ['rows', 'series', 'label'] }, RankBars: { template: '<i data-testid="rank">{{ rows.map((one) => one.name).join() }}</i>', props: ['rows', 'label'] }, FalseTable: true }
function open(answer: unknown = REPORT) {
  const { calls } = serve({ 'GET /api/kpi/report': answer })
  return { ...show(ReportPage, { role: 'operator', at: '/report?node=E1&month=2026-02', stubs }), calls }
}

it('says for which place and month each figure stands, what it was made of and whether it is good enough', async () => {
  const { calls } = open()
  const sheet = await screen.findByTestId('report')
  expect(within(sheet).getByRole('heading', { level: 2 }).textContent).toMatch(/名E1.*2026-02/)
  const [, first, second] = within(sheet).getAllByRole('row')
  expect(first!.textContent).toMatch(/名a92\.3% 12 \/ 13.*95% ✗.*办结 ÷ 受理/)
  expect(second!.textContent).toContain('本期无数据')
  expect(second!.textContent).not.toMatch(/[✓✗]/)
  expect(calls('GET')[0]).toEqual(['/api/kpi/report', { params: { query: { node: 'E1', month: '2026-02' } } }])
})

it('hands its pictures figures by day, severities in words and the twelve most frequent kinds', async () => {
  open()
  expect(JSON.parse((await screen.findByTestId('days')).textContent!)).toEqual([{ day: '2026-02-01', values: [3, 2, 1] }])
  const [levels, codes] = screen.getAllByTestId('rank')
  expect(levels!.textContent).toBe('紧急')
  expect(codes!.textContent!.split(',')).toHaveLength(12)
})

it('prints, and goes to another place of its path in the same month', async () => {
  const print = vi.spyOn(window, 'print').mockImplementation(() => undefined)
  const { router } = open()
  await fireEvent.click(await screen.findByTestId('report-print'))
  expect(print).toHaveBeenCalledOnce()
  await fireEvent.click(await screen.findByTestId('kpi-node-county'))
  await waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/report?node=county&month=2026-02'))
})

it('says why it could not be made', async () => {
  open(new Refusal(403, { title: 'x', detail: '不在辖区' }))
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(screen.queryByTestId('report')).toBeNull()
})
