import { describe, expect, it } from 'vitest'

import { inWriting, isSpan, readAs, spanOf } from './threshold'

describe('a threshold in writing', () => {
  it.each([
    [5, '6', 6],
    [5, 'six', undefined],
    [5, '', undefined],
    ['5m', ' 2m ', '2m'],
    ['5m', '', undefined],
    [['a'], 'b, c，d', ['b', 'c', 'd']],
    [['a'], '', []],
    [true, 'false', false],
    [null, '{"lat": 31}', { lat: 31 }],
    [null, '{', undefined],
  ])('is read as the kind of %j: %j', (shipped, text, value) => {
    expect(readAs(shipped, text)).toEqual(value)
  })

  it('is shown so that it can be read back', () => {
    for (const value of [6, '2m', ['b', 'c'], true, { lat: 31 }]) expect(readAs(typeof value === 'object' && !Array.isArray(value) ? null : value, inWriting(value))).toEqual(value)
  })

  it('knows a length of time by its unit', () => {
    expect(['90s', '15m', '24h', '7d'].map(spanOf)).toEqual([{ n: 90, unit: 'seconds' }, { n: 15, unit: 'minutes' }, { n: 24, unit: 'hours' }, { n: 7, unit: 'days' }])
    expect([24, 'smoke', '7', 'd', null].some(isSpan)).toBe(false)
  })
})
