import { fireEvent, screen, within } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'

import { show, stopClock } from '@/testing'

import RosterWeek from './RosterWeek.vue'

const at = (time: string) => new Date(`2026-11-${time}:00`).toISOString()
const shift = (id: number, starts: string, ends: string, more = {}) => ({ id, name: `人${id}`, kind: 'duty', starts: at(starts), ends: at(ends), handed_at: null, taken_at: null, ...more })
const POST = {
  code: 'gate', name_zh: '门岗', name_en: 'Gate', role: 'GUARD', minimum: 2, opens: '08:00', closes: '20:00',
  shifts: [shift(1, '23T08:00', '23T20:00'), shift(2, '27T08:00', '28T00:00', { kind: 'on_call' }), shift(3, '22T20:00', '23T08:00')],
  gaps: [{ starts: at('27T22:00'), ends: at('28T02:00'), held: 0, minimum: 2 }],
}
const open = (role: string) => show(RosterWeek, { props: { posts: [POST], monday: new Date(2026, 10, 23) }, role })
const day = (n: number) => within(screen.getByTestId('roster-post')).getAllByRole('cell')[n]!

beforeEach(() => stopClock('2026-11-27T10:00:00'))

it('puts each shift on its day, with that which came over from the week before', () => {
  open('operator')
  expect(within(day(0)).getAllByTestId('shift').map((one) => one.textContent)).toEqual(['08:00–20:00 人1', '20:00–08:00 人3'])
  expect(within(day(4)).getByTestId('shift').textContent).toBe('08:00–24:00 人2备勤')
  expect(within(day(4)).getByTestId('shift').className).toContain('now')
  expect(screen.getByRole('rowheader').textContent).toMatch(/门岗GUARD · 需 2 人 · 08:00–20:00/)
})

it('says on each day where nobody is, to midnight and from it', () => {
  open('operator')
  expect([day(3), day(4), day(5)].map((one) => within(one).queryByTestId('gap')?.textContent)).toEqual([undefined, '缺岗 22:00–24:00（0/2）', '缺岗 00:00–02:00（0/2）'])
  expect([day(3), day(4)].map((one) => one.classList.contains('today'))).toEqual([false, true])
})

it('lets anybody choose a shift, and who keeps the staff change the post', async () => {
  const { emitted, unmount } = open('property')
  await fireEvent.click(screen.getAllByTestId('shift')[0]!)
  await fireEvent.click(screen.getByTestId('post-edit'))
  expect([emitted('choose'), emitted('edit')]).toMatchObject([[[{ id: 1 }]], [[{ code: 'gate' }]]])
  unmount()
  open('operator')
  expect(screen.queryByTestId('post-edit')).toBeNull()
})
