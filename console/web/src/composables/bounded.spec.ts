import { expect, it } from 'vitest'

import { bounded } from './bounded'

const KEPT = 100

function weeks(count: number, over: (id: number) => boolean): { most: number; left: number[] } {
  const byId = new Map<number, { id: number }>()
  const forget = bounded(byId, ({ id }) => over(id), KEPT)
  let most = 0
  for (let id = 1; id <= count; id += 1) {
    byId.set(id, { id })
    forget()
    most = Math.max(most, byId.size)
  }
  return { most, left: [...byId.keys()] }
}

it('never holds more than twice what it keeps, however long it runs', () => {
  const { most, left } = weeks(10_000, () => true)
  expect(most).toBeLessThanOrEqual(2 * KEPT)
  expect(left.at(-1)).toBe(10_000)
  expect(left.length).toBeGreaterThanOrEqual(KEPT)
})

it('keeps all that is not over', () => {
  const { left } = weeks(1000, (id) => id % 2 === 0)
  expect(left.filter((id) => id % 2 === 1)).toHaveLength(500)
  expect(left.filter((id) => id % 2 === 0).length).toBeLessThan(4 * KEPT)
})
