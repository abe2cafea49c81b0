import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import RolloutForm from './RolloutForm.vue'

const group = (code: string, ...devices: string[]) => ({ code, estate: 'E', name_zh: `组${code}`, name_en: code, devices })
const GROUPS = [group('a', 's1', 's2'), group('b', 'c1'), group('c')]
const SCHEMA = { properties: { level: { type: 'integer', title: '灵敏度' } } }
const config = ({ params }: { params: { path: { device_id: string } } }) => (params.path.device_id === 's1' ? { schema: SCHEMA, desired: { data: { level: 3 } } } : new Refusal(503, { title: '忙', status: 503 }))
const start = () => screen.getByTestId<HTMLButtonElement>('rollout-start')

async function open(answer: unknown = {}) {
  const api = serve({ 'GET /api/devices/{device_id}/config': config, 'POST /api/rollouts': answer })
  const page = show(RolloutForm, { props: { groups: GROUPS } })
  await waitFor(() => expect(start().disabled).toBe(false))
  await fireEvent.update(screen.getByTestId('rollout-name'), '调低')
  return { ...api, ...page }
}

it('begins with what the first device of the group has, and goes in stages', async () => {
  const { calls, emitted } = await open()
  await fireEvent.update(screen.getByLabelText('分批（%）'), '10，50，100')
  await fireEvent.click(start())
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ name: '调低', group: 'a', data: { level: 3 }, stages: [10, 50, 100], max_failed: 0, stage_wait_s: 300 })
})

it('never sends one group what was read of another', async () => {
  const { calls } = await open()
  await fireEvent.update(screen.getByTestId('rollout-group'), 'b')
  expect((await screen.findByRole('alert')).textContent).toContain('忙')
  expect(start().disabled).toBe(true)
  await fireEvent.update(screen.getByTestId('rollout-group'), 'c')
  expect(start().disabled).toBe(true)
  expect(calls('POST')).toEqual([])
})

it('does not start with stages that are none, and says why the server refuses', async () => {
  const { calls, emitted } = await open(new Refusal(422, { title: '要到 100', status: 422 }))
  await fireEvent.update(screen.getByLabelText('分批（%）'), '全部')
  await fireEvent.click(start())
  expect(calls('POST')).toEqual([])
  await fireEvent.update(screen.getByLabelText('分批（%）'), '5, 50')
  await fireEvent.click(start())
  expect((await screen.findByRole('alert')).textContent).toContain('要到 100')
  expect(emitted('done')).toBeUndefined()
})
