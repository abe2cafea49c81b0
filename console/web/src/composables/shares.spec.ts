import { expect, it } from 'vitest'

import { regionsOf } from './shares'

it('reads regions in per cent, and says where a line is none', () => {
  expect(regionsOf('')).toEqual([])
  expect(regionsOf('40 70 12 5\n\n0，0，100，10')).toEqual([
    [0.4, 0.7, 0.12, 0.05],
    [0, 0, 1, 0.1],
  ])
  for (const wrong of ['1 2 3', 'a b c d', '0 0 101 5', '-1 0 1 1']) expect(regionsOf(wrong)).toBeNull()
})
