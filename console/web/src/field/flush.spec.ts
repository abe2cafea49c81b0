import { expect, it } from 'vitest'

import type { MoveAnswer } from '@/api/types'

import { notice } from './flush'
import type { Waiting } from './moves'

const item = (action: Waiting['action']): Waiting => ({ key: 'k', user: 'li', order: 1, incident: 2, at: '2026-11-26T03:00:00Z', action })
const answer = (more: Partial<MoveAnswer>): MoveAnswer => ({ outcome: 'done', why: null, last: null, ...more }) as MoveAnswer

it('a call for help says whom it reached, nobody included', () => {
  expect(notice(item('ask_help'), answer({ told: ['王强', '李梅'] }))?.told).toEqual(['王强', '李梅'])
  expect(notice(item('ask_help'), answer({}))?.told).toEqual([])
})

it('a move that came too late says who was faster; one that was done says nothing', () => {
  expect(notice(item('arrive'), answer({ outcome: 'kept', last: { actor: 'zhang' } }))).toMatchObject({ who: 'zhang', action: 'arrive' })
  expect(notice(item('arrive'), answer({}))).toBeNull()
})
