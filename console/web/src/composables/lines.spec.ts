import { describe, expect, it } from 'vitest'

import { offsetOf } from './lines'

describe('offsetOf', () => {
  it.each([
    [1, 1, 0],
    [2, 3, 6],
    [3, 1, 8],
    [2, 99, 7],
    [99, 1, 8],
    [0, 0, 0],
  ])('line %i, column %i is character %i', (line, column, at) => {
    expect(offsetOf('abc\ndefg'.replace('defg', 'def') + '\nh', line, column)).toBe(at)
  })
})
