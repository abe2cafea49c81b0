import { describe, expect, it } from 'vitest'

import { thisMonth } from './kpi'

describe('the month of the board', () => {
  it('is that of the county, not of the browser', () => {
    expect(thisMonth(Date.parse('2026-11-30T20:00:00Z'))).toBe('2026-12')
    expect(thisMonth(Date.parse('2026-11-30T15:59:59Z'))).toBe('2026-11')
  })
})
