import { describe, expect, it } from 'vitest'

import { mondayOf, onDay, plusDays } from './week'

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
})
