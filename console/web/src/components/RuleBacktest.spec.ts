import { fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'

import { Refusal, serve, show, stopClock } from '@/testing'

import RuleBacktest from './RuleBacktest.vue'

const VERSIONS = [{ version: 3, state: 'draft' }, { version: 2, state: 'live' }]
const REPORT = { sentence_zh: '会少报 4 条', sentence_en: '4 fewer', events: 12000, counts: { would: 10, live: 14, missed: 1 }, days: {}, start: '', end: '', missed: [], spared: [], false: [], fresh: [] }
const STUBS = { DayChart: true, BacktestExamples: { props: ['title', 'total'], template: '<i data-testid="examples">{{ title }} {{ total }}</i>' } }
const open = (props: object, role = 'property', answer: unknown = REPORT) => ({ ...serve({ 'POST /api/rules/backtest': answer }), ...show(RuleBacktest, { props: { rule: 'FIRE-001', versions: VERSIONS, text: null, ...props }, role, stubs: STUBS }) })
const which = () => screen.getByTestId<HTMLSelectElement>('backtest-which')

beforeEach(() => stopClock('2026-11-27T10:00:00Z'))

it('tries the newest version on the days that were asked for, and says what would differ', async () => {
  const { calls } = open({})
  await fireEvent.update(screen.getByTestId('backtest-days'), '7')
  await fireEvent.click(screen.getByTestId('backtest-run'))
  expect((await screen.findByTestId('backtest-report')).textContent).toMatch(/会少报 4 条 判断了 12,000 条消息/)
  expect(calls('POST')[0]![1]!['body']).toEqual({ rule: 'FIRE-001', version: 3, start: '2026-11-20T10:00:00.000Z', end: '2026-11-27T10:00:00.000Z' })
  expect([screen.getByTestId('backtest-would').textContent, screen.getByTestId('backtest-fresh').textContent]).toEqual(['10', '0'])
  expect(screen.getAllByTestId('examples')[0]!.textContent).toBe('会漏掉的告警 1')
})

it('tries the text that was changed in the editor, and no empty one', async () => {
  const { calls, rerender } = open({ text: 'id: X' })
  expect(which().value).toBe('text')
  await fireEvent.click(screen.getByTestId('backtest-run'))
  expect(calls('POST')[0]![1]).toMatchObject({ body: { source: 'id: X' } })
  await rerender({ text: '' })
  expect(screen.getByTestId<HTMLButtonElement>('backtest-run').disabled).toBe(true)
})

it('keeps the version somebody chose when the versions are read again', async () => {
  const { rerender } = open({})
  await fireEvent.update(which(), '2')
  await rerender({ versions: [...VERSIONS] })
  expect(which().value).toBe('2')
  await rerender({ versions: [{ version: 4, state: 'draft' }, ...VERSIONS] })
  expect(which().value).toBe('4')
})

it('is for who manages rules, and says what went wrong', async () => {
  const { unmount } = open({}, 'operator')
  expect(screen.queryByTestId('backtest-run')).toBeNull()
  expect(screen.getByText('只有管理员和物业经理可以回测')).toBeTruthy()
  unmount()
  open({}, 'system_admin', new Refusal(422, { title: '时段没有消息', status: 422 }))
  await fireEvent.click(screen.getByTestId('backtest-run'))
  expect((await screen.findByRole('alert')).textContent).toContain('时段没有消息')
})
