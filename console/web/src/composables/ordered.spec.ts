import { expect, it } from 'vitest'

import { drop, put } from './ordered'

it('keeps a list in order whatever comes and goes', () => {
  const list: number[] = []
  const compare = (a: number, b: number): number => a - b
  for (const value of [5, 1, 4, 2, 3]) put(list, value, compare)
  expect(list).toEqual([1, 2, 3, 4, 5])
  drop(list, 3, compare)
  drop(list, 9, compare)
  expect(list).toEqual([1, 2, 4, 5])
})

it('finds its place among ten thousand with a dozen comparisons', () => {
  const list = Array.from({ length: 10_000 }, (_, n) => n * 2)
  let compared = 0
  const compare = (a: number, b: number): number => {
    compared += 1
    return a - b
  }
  put(list, 7777, compare)
  expect(list.indexOf(7777)).toBe(3889)
  expect(compared).toBeLessThanOrEqual(14)
})
