import { describe, expect, it } from 'vitest'

import type { Alert } from '@/api/types'

import { cards } from './groups'

const alert = (id: number, group_key?: string | null) => ({ id, group_key }) as unknown as Alert

describe('cards', () => {
  it('puts what belongs together on one card, led by the first', () => {
    const made = cards([alert(1, 'fire'), alert(2), alert(3, 'fire'), alert(4, null)])
    expect(made.map((card) => [card.alert.id, card.others.map((other) => other.id)])).toEqual([
      [1, [3]],
      [2, []],
      [4, []],
    ])
  })
})
