import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, agree, serve, show } from '@/testing'

import RolloutCard from './RolloutCard.vue'

const ROLLOUT = { id: 6, name: '调低灵敏度', state: 'running', stage: 1, stages: [5, 50, 100], counts: { applied: 3, pending: 2, failed: 1, waiting: 4 }, reason: null, data: { level: 2 }, created_by: 'li', created_at: '2026-11-27T10:00:00Z' }
const POST = 'POST /api/rollouts/{rollout_id}/actions'
const devices = (...rows: [string, string][]) => ({ devices: rows.map(([device, status]) => ({ device, status, reason: status === 'failed' ? '拒绝' : '' })) })
const open = (more = {}, table = {}, role = 'property') => ({ ...serve(table), ...show(RolloutCard, { props: { rollout: { ...ROLLOUT, ...more } }, role }) })
const actions = () => ['resume', 'cancel', 'roll_back'].filter((action) => screen.queryByTestId(`rollout-${action}`))

it('says how far it is, also to who cannot see the bar', () => {
  open({ state: 'stopped', reason: '失败过多' })
  expect(screen.getByTestId('rollout').textContent).toMatch(/调低灵敏度 已停止.*第 2 \/ 3 批.*10 台失败过多\{"level":2\}/)
  expect(screen.getByRole('img').getAttribute('aria-label')).toBe('已应用 3, 等待 2, 失败 1, 未开始 4')
})

it('offers what a state allows, and to who manages devices only', () => {
  for (const [state, may] of Object.entries({ running: ['cancel'], stopped: ['resume', 'cancel', 'roll_back'], done: ['roll_back'] })) {
    const { unmount } = open({ state })
    expect([state, actions()]).toEqual([state, may])
    unmount()
  }
  open({ state: 'stopped' }, {}, 'operator')
  expect(actions()).toEqual([])
})

it('takes everything back once that was said, and says why not', async () => {
  const { calls, emitted } = open({ state: 'done' }, { [POST]: new Refusal(409, { title: '已被恢复', status: 409 }) })
  await fireEvent.click(screen.getByTestId('rollout-roll_back'))
  expect(screen.getByTestId('confirm').textContent).toContain('对任务「调低灵敏度」执行「恢复原配置」？')
  await agree()
  expect((await screen.findByRole('alert')).textContent).toContain('已被恢复')
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { rollout_id: 6 } }, body: { action: 'roll_back' } })
  expect(emitted('changed')).toHaveLength(1)
})

it('shows its devices, and follows them while they are shown', async () => {
  const answers = [devices(['d1', 'pending']), devices(['d1', 'failed'])]
  const { rerender } = open({}, { 'GET /api/rollouts/{rollout_id}': () => answers.shift() })
  await fireEvent.click(screen.getByText('逐台查看'))
  expect((await screen.findByRole('listitem')).textContent).toMatch(/d1 等待应用/)
  await rerender({ rollout: { ...ROLLOUT, stage: 2 } })
  await waitFor(() => expect(screen.getByRole('listitem').textContent).toMatch(/d1 失败 拒绝/))
  expect(screen.getByRole('link').getAttribute('href')).toBe('/device/d1')
})
