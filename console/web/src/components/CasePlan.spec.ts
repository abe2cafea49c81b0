import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import CasePlan from './CasePlan.vue'

const URI = '/api/alerts/{alert_id}/plan'
const chosen = { code: 'exact', place: 'EST1', beaten: [1, 2], plan: { name_zh: '火警预案', name_en: 'Fire', steps: [] } }
const ran = { name_zh: '火警预案', name_en: 'Fire', state: 'running', drill: true, started_by: 'li', started_at: '2026-01-01T00:00:00Z', steps: [] }
const open = (role: string, answers: Record<string, unknown>) => {
  const api = serve({ 'GET /api/organisation': { roles: [], skills: [], resource_kinds: [] }, ...answers })
  return { ...api, ...show(CasePlan, { props: { kind: 'alert', id: 7 }, role, stubs: { PlanSteps: true } }) }
}

it('says why it is this plan, and runs it when somebody has said yes', async () => {
  const { calls, emitted } = open('operator', { [`GET ${URI}`]: { choice: chosen, runs: [] }, [`POST ${URI}`]: { choice: null, runs: [ran] } })
  expect((await screen.findByTestId('plan-why')).textContent).toBe('EST1专用 · 本类告警的预案 · 另有 2 个预案适用')
  await fireEvent.click(screen.getByTestId('plan-run'))
  expect(calls('POST')).toEqual([])
  await agree()
  await settled()
  expect(calls('POST')[0]).toMatchObject([URI, { params: { path: { alert_id: 7 } } }])
  expect(screen.getByTestId('case-plan').textContent).toMatch(/运行中.*演练.*li 于 .*启动/s)
  expect(screen.queryByTestId('plan-run')).toBeNull()
  expect(emitted('ran')).toHaveLength(1)
})

it('the property reads the plan and does not run it', async () => {
  open('property', { [`GET ${URI}`]: { choice: chosen, runs: [] } })
  await screen.findByTestId('plan-why')
  expect(screen.queryByTestId('plan-run')).toBeNull()
})

it('tells no plan from no answer, and asks again', async () => {
  let answer: unknown = new Refusal(503, { title: 'away' })
  open('operator', { [`GET ${URI}`]: () => answer })
  const retry = await screen.findByRole('button', { name: '重试' })
  expect(screen.queryByText('没有适用的预案')).toBeNull()
  answer = { choice: null, runs: [] }
  await fireEvent.click(retry)
  expect(await screen.findByText('没有适用的预案')).toBeTruthy()
})

it('asks nothing for who only reads alerts', async () => {
  const { calls } = open('developer', {})
  await settled()
  expect(calls('GET')).toEqual([])
  expect(screen.queryByTestId('case-plan')).toBeNull()
})
