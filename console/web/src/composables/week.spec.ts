import { describe, expect, it } from 'vitest'

import { mondayOf, onDay, partsOf, plusDays } from './week'

describe('a week of shifts', () => {
  it('begins on Monday, on a Sunday too', () => {
    expect(mondayOf(new Date(2026, 10, 29, 23, 5))).toEqual(new Date(2026, 10, 23))
    expect(mondayOf(new Date(2026, 10, 23))).toEqual(new Date(2026, 10, 23))
  })

  it('shows a shift on the day it begins, and on the first day what began before', () => {
    const monday = new Date(2026, 10, 23)
    const span = (from: Date, until: Date) => ({ starts: from.toISOString(), ends: until.toISOString() })
    const before = span(new Date(2026, 10, 22, 20), new Date(2026, 10, 23, 8))
    const night = span(new Date(2026, 10, 23, 20), new Date(2026, 10, 24, 8))
    expect(onDay([before, night], monday, true)).toEqual([before, night])
    expect(onDay([before, night], plusDays(monday, 1), false)).toEqual([])
  })

  it('cuts a gap of several days at every midnight', () => {
    const monday = new Date(2026, 10, 23)
    const gap = { starts: new Date(2026, 10, 23, 20).toISOString(), ends: new Date(2026, 10, 25, 6).toISOString() }
    const parts = [0, 1, 2, 3].map((n) => partsOf([gap], plusDays(monday, n)))
    expect(parts.map((found) => found.length)).toEqual([1, 1, 1, 0])
    expect(parts[1]![0]).toEqual({ starts: new Date(2026, 10, 24).toISOString(), ends: new Date(2026, 10, 25).toISOString() })
  })
})
