import { describe, expect, it } from 'vitest'

import { daysBetween, ticks } from './dayChart'

describe('daysBetween', () => {
  it('names every day as it is called there', () => {
    expect(daysBetween('2026-03-01T15:00:00Z', '2026-03-03T16:30:00Z')).toEqual(['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'])
  })
})

describe('ticks', () => {
  it.each([
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [14, [0, 5, 10, 15]],
    [83, [0, 50, 100]],
  ])('%i', (most, expected) => {
    expect(ticks(most)).toEqual(expected)
  })
})
