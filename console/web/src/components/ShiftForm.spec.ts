import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import ShiftForm from './ShiftForm.vue'

const person = (id: string, ...roles: string[]) => ({ id, name: `名${id}`, roles })
const PEOPLE = { items: [person('a', 'PM'), person('b', 'PM', 'GUARD'), person('c', 'GUARD'), person('d', 'GUARD')] }
const posts = [{ code: 'gate', role: 'GUARD', name_zh: '门岗', name_en: 'Gate' }]

async function open(kind: 'shift' | 'leave', answer: unknown = {}) {
  const { calls } = serve({ 'GET /api/people': PEOPLE, 'POST /api/roster': answer, 'POST /api/leaves': answer })
  const shown = show(ShiftForm, { props: { kind, posts } })
  await screen.findByText('名a a')
  return { ...shown, calls }
}
const offered = (id: string) => within(screen.getByTestId(id)).getAllByRole('option').map((one) => (one as HTMLOptionElement).value)
async function times(): Promise<void> {
  await fireEvent.update(screen.getByTestId('shift-starts'), '2026-03-01T08:00')
  await fireEvent.update(screen.getByTestId('shift-ends'), '2026-03-01T20:00')
}

it('puts on a post only somebody who has its role', async () => {
  const { calls, emitted } = await open('shift')
  await fireEvent.update(screen.getByTestId('shift-post'), 'gate')
  expect(offered('shift-person')).toEqual(['b', 'c', 'd'])
  await fireEvent.update(screen.getByTestId('shift-person'), 'c')
  await times()
  await fireEvent.submit(screen.getByTestId('shift-form'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  const starts = new Date('2026-03-01T08:00').toISOString()
  expect(calls('POST')[0]).toMatchObject(['/api/roster', { body: { person: 'c', post: 'gate', kind: 'duty', starts } }])
})

it('lets those stand in who have a role of the absent, and forgets one who no longer may', async () => {
  const { calls } = await open('leave')
  await fireEvent.update(screen.getByTestId('shift-person'), 'b')
  expect(offered('leave-stand-in')).toEqual(['', 'a', 'c', 'd'])
  await fireEvent.update(screen.getByTestId('leave-stand-in'), 'a')
  await fireEvent.update(screen.getByTestId('shift-person'), 'c')
  expect(offered('leave-stand-in')).toEqual(['', 'b', 'd'])
  await times()
  await fireEvent.submit(screen.getByTestId('leave-form'))
  await waitFor(() => expect(calls('POST')[0]).toMatchObject(['/api/leaves', { body: { person: 'c', kind: 'leave', stand_in: null } }]))
})

it('stays open and says why where it was refused', async () => {
  const { emitted } = await open('leave', new Refusal(422, { title: 'x', detail: '结束早于开始' }))
  await fireEvent.update(screen.getByTestId('shift-person'), 'b')
  await times()
  await fireEvent.submit(screen.getByTestId('leave-form'))
  expect((await screen.findByRole('alert')).textContent).toContain('结束早于开始')
  expect(emitted('done')).toBeUndefined()
})
