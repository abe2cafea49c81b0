import { describe, expect, it } from 'vitest'

import { figuresOf, windowOf } from './why'

describe('figuresOf', () => {
  it('names each field once, and says which the message left out', () => {
    expect(figuresOf('data.alarm && data.density > 5 || data.alarm && has(data.zone)', { alarm: true, density: 7 })).toEqual([
      { name: 'alarm', value: 'true' },
      { name: 'density', value: '7' },
      { name: 'zone', value: undefined },
    ])
  })
})

describe('windowOf', () => {
  it('finds the times of what was counted', () => {
    const hits = [['2026-03-01T10:00:00Z', ['gate', '1', '2026-03-01T10:00:00Z']]]
    expect(windowOf({ type: 'tally', hits, fired: true })).toEqual({ times: ['2026-03-01T10:00:00Z'], figures: [['fired', true]] })
  })

  it('looks into a memory that is wrapped in another', () => {
    expect(windowOf({ type: 'gated', inner: { type: 'edge', fired: false }, hushed: null }).figures).toEqual([['fired', false]])
  })

  it('is empty where nothing was kept', () => {
    expect(windowOf(null)).toEqual({ times: [], figures: [] })
  })
})
