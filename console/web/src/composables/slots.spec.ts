import { expect, it } from 'vitest'

import { slotted } from './slots'

it('fills the slots in order at first', () => {
  expect([...slotted(new Map(), [7, 8, 9])]).toEqual([[7, 0], [8, 1], [9, 2]])
})

it('leaves who stays where it is, and gives a newcomer the slot that was left', () => {
  const before = slotted(new Map(), [7, 8, 9])
  expect([...slotted(before, [8, 9, 10])]).toEqual([[8, 1], [9, 2], [10, 0]])
})

it('needs no more slots than rows were ever in sight at once, however far it goes', () => {
  let slots = slotted(new Map(), [])
  for (let first = 0; first < 1000; first += 3) {
    slots = slotted(slots, Array.from({ length: 12 }, (_, row) => first + row))
    expect(new Set(slots.values()).size).toBe(12)
    expect(Math.max(...slots.values())).toBeLessThan(12)
  }
})
