import { cleanup, fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, show } from '@/testing'

import PlanPage from './PlanPage.vue'

const PLAN = { id: 'fire', name_zh: '火警', name_en: 'Fire', version: 2, codes: ['FIRE-001'], steps: [{}], warnings: [], source: 'steps: []', versions: [{ version: 2, author: 'li', created_at: '2026-03-01T00:00:00Z', reason: '更快' }] }
const stubs = { PlanSteps: { template: '<i data-testid="steps">{{ steps.length }}</i>', props: ['steps'] } }
async function open(role: string, answers: object = {}) {
  const { calls } = serve({ 'GET /api/plans/{plan_id}': PLAN, 'GET /api/organisation': { roles: [], skills: [], resource_kinds: [], neighbours: [] }, ...answers })
  show(PlanPage, { role, props: { id: 'fire' }, stubs })
  return { calls, text: await screen.findByTestId<HTMLTextAreaElement>('plan-source') }
}

it('checks a text and shows its steps, and takes the word back once the text is another', async () => {
  const { calls, text } = await open('operator', { 'POST /api/plans/validate': { errors: [], warnings: ['没有 FIRE-009'], plan: { steps: [{}, {}] } } })
  expect(text.readOnly).toBe(true)
  await fireEvent.click(screen.getByTestId('plan-check'))
  expect((await screen.findByRole('status')).textContent).toBe('没有错误')
  expect(calls('POST')[0]).toEqual(['/api/plans/validate', { body: { source: 'steps: []' } }])
  expect(screen.getByTestId('steps').textContent).toBe('2')
  expect(screen.getByText('没有 FIRE-009')).toBeTruthy()
  await fireEvent.update(text, 'steps: [x]')
  expect(screen.queryByRole('status')).toBeNull()
  expect(screen.getByTestId('steps').textContent).toBe('1')
})

it('says where a fault is', async () => {
  await open('property', { 'POST /api/plans/validate': { errors: [{ line: 3, column: 5, problem: 'do is missing', problem_zh: '缺少 do' }], warnings: [], plan: null } })
  await fireEvent.click(screen.getByTestId('plan-check'))
  expect((await screen.findByTestId('plan-fault')).textContent).toBe('第 3 行第 5 列：缺少 do')
})

it('puts a changed text in force for a reason, and an unchanged one not at all', async () => {
  let source = PLAN.source
  const made = (): object => ((source = 'steps: [x]'), { version: 3 })
  const { calls, text } = await open('property', { 'POST /api/plans': made, 'GET /api/plans/{plan_id}': () => ({ ...PLAN, source }) })
  const save = screen.getByTestId<HTMLButtonElement>('plan-save')
  expect(save.disabled).toBe(true)
  await fireEvent.update(text, 'steps: [x]')
  await fireEvent.click(save)
  await agree('加一步')
  expect((await screen.findByText('第 3 版已启用')).getAttribute('role')).toBe('status')
  expect(calls('POST')[0]).toMatchObject(['/api/plans', { body: { source: 'steps: [x]', reason: '加一步' } }])
})

it('goes back a version only where there is one, and says why it could not', async () => {
  const { calls } = await open('property', { 'POST /api/plans/{plan_id}/actions': new Refusal(403, { title: 'x', detail: '不在辖区' }) })
  await fireEvent.click(screen.getByTestId('plan-back'))
  await agree('太慢')
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(calls('POST')[0]).toMatchObject(['/api/plans/{plan_id}/actions', { params: { path: { plan_id: 'fire' } }, body: { action: 'roll_back', reason: '太慢' } }])
  cleanup()
  await open('property', { 'GET /api/plans/{plan_id}': { ...PLAN, version: 0, versions: [] } })
  expect(screen.queryByTestId('plan-back')).toBeNull()
})
