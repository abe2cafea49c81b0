import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import DeliverTests from './DeliverTests.vue'

const AT = '2026-01-01T00:00:00Z'
const test = (id: number, more = {}) => ({ id, name_zh: '短信', name_en: 'SMS', channel: 'sms', state: 'waiting', problem: null, asked_at: AT, asked_by: 'li', due_at: AT, answered_at: null, answered_by: null, ...more })
const plan = (id: number) => ({ id, endpoint: `sms-${id}`, every_s: 86_400, window_s: 600, next_at: AT })
const stubs = { TestPlanForm: { emits: ['done', 'close'], template: '<p @click="$emit(\'done\', [])">plan form</p>' } }
const open = (role: string, tests: unknown, plans: unknown = { items: [] }, more = {}) => {
  const api = serve({ 'GET /api/deliver/tests': tests, 'GET /api/deliver/test-plans': plans, ...more })
  show(DeliverTests, { role, stubs })
  return api
}

it('says of each test who asked, and whether anybody answered', async () => {
  open('operator', { items: [test(1), test(2, { state: 'answered', answered_at: AT, answered_by: 'wang' }), test(3, { state: 'missed', problem: 'strange' })], next: null })
  const [waiting, answered, missed] = await screen.findAllByTestId('test-row')
  expect(waiting!.textContent).toMatch(/等待应答.*li.*—$/s)
  expect(answered!.textContent).toContain('wang')
  expect(missed!.textContent).toMatch(/无人应答.*strange/s)
})

it('an operator reads the plans and changes none', async () => {
  open('operator', { items: [], next: null }, { items: [plan(1)] })
  expect((await screen.findByTestId('plan-row')).textContent).toContain('每 1 天 测试一次，时限 10 分钟')
  for (const one of ['end', 'plan-new']) expect(screen.queryByTestId(one)).toBeNull()
})

it('an administrator stops a plan when sure, or adds one', async () => {
  const { calls } = open('system_admin', { items: [], next: null }, { items: [plan(1), plan(2)] }, { 'DELETE /api/deliver/test-plans/{plan_id}': { items: [plan(2)] } })
  await fireEvent.click((await screen.findAllByTestId('end'))[0]!)
  await agree()
  await settled()
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { plan_id: 1 } } })
  expect(screen.getAllByTestId('plan-row').map(({ textContent }) => textContent.slice(0, 5))).toEqual(['sms-2'])
  await fireEvent.click(screen.getByTestId('plan-new'))
  await fireEvent.click(screen.getByText('plan form'))
  expect(screen.queryByText('plan form')).toBeNull()
})

it('asks again for tests and plans where either did not come', async () => {
  let plans: unknown = new Refusal(503, { title: 'away' })
  open('operator', { items: [], next: null }, () => plans)
  const retry = await screen.findByRole('button', { name: '重试' })
  plans = { items: [plan(1)] }
  await fireEvent.click(retry)
  expect(await screen.findByTestId('plan-row')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
})
