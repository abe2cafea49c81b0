import { cleanup, fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import RolloutsPage from './RolloutsPage.vue'

const form = (name: string) => ({ template: `<button data-testid="${name}" @click="$emit('done')">{{ group?.code }}</button>`, props: ['group', 'groups'], emits: ['done'] })
const stubs = { RolloutForm: form('rollout-form'), GroupForm: form('group-form'), GroupList: { template: '<button data-testid="group" @click="$emit(\'edit\', groups[0])">{{ groups.length }}</button>', props: ['groups'], emits: ['edit'] }, RolloutCard: { template: '<i data-testid="rollout">{{ rollout.state }}</i>', props: ['rollout'] } }
async function open(rollouts: unknown, groups: unknown = { items: [{ code: 'g1' }] }, at = '/rollouts') {
  const { calls } = serve({ 'GET /api/rollouts': rollouts, 'GET /api/device-groups': groups, 'GET /api/places': { items: [] } })
  show(RolloutsPage, { role: 'property', at, stubs })
  await vi.advanceTimersByTimeAsync(0)
  return (path: string) => calls('GET').filter(([one]) => one === path).length
}
beforeEach(() => void vi.useFakeTimers())

it('looks again while one is running, and no longer once all are done or the page is left', async () => {
  const answers = [{ items: [{ id: 1, state: 'running' }] }, { items: [{ id: 1, state: 'done' }] }]
  const asked = await open(() => answers.shift())
  await vi.advanceTimersByTimeAsync(5_000)
  expect(screen.getByTestId('rollout').textContent).toBe('done')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(asked('/api/rollouts')).toBe(2)
  cleanup()
  const running = await open({ items: [{ id: 1, state: 'running' }] })
  cleanup()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(running('/api/rollouts')).toBe(1)
})

it('begins none without a group, and says that one is made first', async () => {
  await open({ items: [] }, { items: [] })
  const create = screen.getByTestId<HTMLButtonElement>('rollout-new')
  expect(create.disabled).toBe(true)
  expect(create.title).toBe('先建一个设备组')
  expect(screen.getByText('还没有批量任务')).toBeTruthy()
})

it('changes a group and reads both lists again once that is done', async () => {
  const asked = await open({ items: [] })
  await fireEvent.click(screen.getByTestId('group'))
  expect(screen.getByTestId('group-form').textContent).toBe('g1')
  await fireEvent.click(screen.getByTestId('group-form'))
  await vi.advanceTimersByTimeAsync(0)
  expect(screen.queryByTestId('group-form')).toBeNull()
  expect([asked('/api/rollouts'), asked('/api/device-groups')]).toEqual([2, 2])
})

it('marks the row that a chore names, and says why the list could not be read', async () => {
  Element.prototype.scrollIntoView = vi.fn() // jsdom scrolls nothing
  await open({ items: [{ id: 3, state: 'done' }, { id: 4, state: 'stopped' }] }, { items: [] }, '/rollouts?row=4')
  expect(screen.getByText('stopped').closest('li')!.getAttribute('aria-current')).toBe('true')
  expect(Element.prototype.scrollIntoView).toHaveBeenCalledOnce()
  cleanup()
  await open(new Refusal(503, { title: 'x', detail: '数据库忙' }))
  expect(screen.getByRole('alert').textContent).toContain('数据库忙')
})
