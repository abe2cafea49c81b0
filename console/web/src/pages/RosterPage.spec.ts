import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'

import { Refusal, serve, show, stopClock } from '@/testing'

import RosterPage from './RosterPage.vue'

const NOW = '2026-03-04T04:00:00Z' // a Wednesday
const gap = (ends: string) => ({ starts: '2026-03-02T00:00:00Z', ends, held: 0, minimum: 1 })
const ROSTER = { posts: [{ code: 'gate', gaps: [gap('2026-03-03T00:00:00Z'), gap('2026-03-05T00:00:00Z')], shifts: [{ id: 1, person: 'a', name: '王' }] }], clashes: [{ person: 'a', why: 'on_leave', starts: NOW }], leaves: [{ id: 9, name: '李', kind: 'sick', stand_in: null, starts: NOW, ends: '2026-03-05T00:00:00Z' }] }
const part = (name: string) => ({ template: `<button data-testid="${name}" @click="$emit('done')">{{ kind ?? shift?.id }}</button>`, props: ['kind', 'shift', 'post'], emits: ['done'] })
const stubs = { RosterWeek: { template: '<button data-testid="week" @click="$emit(\'choose\', posts[0].shifts[0])">{{ monday.getDate() }}</button>', props: ['posts', 'monday'], emits: ['choose'] }, ShiftForm: part('shift-form'), ShiftPane: part('shift-pane'), PostForm: part('post-form') }
async function open(role: string, answers: object = {}) {
  const { calls } = serve({ 'GET /api/roster': ROSTER, 'GET /api/places': { items: [] }, 'GET /api/organisation': { roles: [], skills: [], resource_kinds: [], neighbours: [] }, ...answers })
  show(RosterPage, { role, stubs })
  await screen.findByTestId('week')
  return { calls, weeks: () => calls('GET').filter(([path]) => path === '/api/roster').map((call) => (call[1] as { params: { query: { start: string } } }).params.query.start) }
}
beforeEach(() => stopClock(NOW))

it('counts only gaps that are still to come, and says who has a shift while away', async () => {
  await open('operator')
  expect(screen.getByTestId('roster-gaps').textContent).toBe('1 处缺岗')
  expect(screen.getByRole('status').textContent).toContain('王 请假期间有班')
  expect(screen.getByTestId('leave').textContent).toContain('李 病假')
})

it('steps through the weeks, Monday by Monday', async () => {
  const { weeks } = await open('operator')
  expect(screen.getByTestId('week').textContent).toBe('2')
  await fireEvent.click(screen.getByTestId('week-later'))
  await waitFor(() => expect(weeks()).toHaveLength(2))
  expect(screen.getByTestId('week').textContent).toBe('9')
  expect(weeks()).toEqual([new Date(2026, 2, 2).toISOString(), new Date(2026, 2, 9).toISOString()])
})

it('opens a shift, and reads the week again once something was done with it', async () => {
  const { weeks } = await open('operator')
  await fireEvent.click(screen.getByTestId('week'))
  expect(screen.getByTestId('shift-pane').textContent).toBe('1')
  await fireEvent.click(screen.getByTestId('shift-pane'))
  await waitFor(() => expect(weeks()).toHaveLength(2))
  expect(screen.queryByTestId('shift-pane')).toBeNull()
  expect(screen.queryByTestId('shift-new')).toBeNull()
})

it('takes an absence back for whoever keeps the roster, and keeps saying why it could not', async () => {
  const { calls, weeks } = await open('shift_leader', { 'DELETE /api/leaves/{leave_id}': new Refusal(409, { title: 'x', detail: '已开始' }) })
  expect(screen.getByTestId('shift-new')).toBeTruthy()
  await fireEvent.click(screen.getByTestId('leave').querySelector('button')!)
  expect((await screen.findByRole('alert')).textContent).toContain('已开始')
  expect(calls('DELETE')[0]).toMatchObject(['/api/leaves/{leave_id}', { params: { path: { leave_id: 9 } } }])
  expect(weeks()).toHaveLength(1)
})
