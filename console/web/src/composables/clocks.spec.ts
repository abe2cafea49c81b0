import { describe, expect, it } from 'vitest'

import { nearest, read, type Clock } from './clocks'

const T0 = Date.parse('2026-03-03T01:00:00Z')
const iso = (seconds: number) => new Date(T0 + seconds * 1000).toISOString()
const clock = (more: Partial<Clock> = {}): Clock => ({
  clock: 'sign', seq: 1, limit_s: 100, working: false, began_at: iso(0), running: true, spent_s: 0, amber_at: iso(80), due_at: iso(100), supervise_at: iso(150), met_at: null, breached_at: null, level: 0,
  ...more,
})

describe('the clocks of a case', () => {
  it('turn amber at 80 %, red at 100 % and are supervised at 150 %', () => {
    const tones = [0, 79, 80, 99, 100, 149, 150, 900].map((second) => read(clock(), T0 + second * 1000).tone)
    expect(tones).toEqual(['calm', 'calm', 'amber', 'amber', 'red', 'red', 'supervise', 'supervise'])
    expect(read(clock(), T0 + 40_000)).toMatchObject({ share: 40, left: 60 })
  })

  it('say how it ended, and stand still while suspended', () => {
    expect(read(clock({ met_at: iso(50) }), T0).tone).toBe('met')
    expect(read(clock({ met_at: iso(120), breached_at: iso(100) }), T0).tone).toBe('late')
    expect(read(clock({ running: false, spent_s: 30, amber_at: null, due_at: null, supervise_at: null }), T0)).toMatchObject({ tone: 'still', share: 30, left: null })
  })

  it('show the one that runs out first', () => {
    const close = clock({ clock: 'close', due_at: iso(60), amber_at: iso(48), supervise_at: iso(90) })
    expect(nearest([clock(), close, clock({ clock: 'accept', met_at: iso(1) })], T0)?.clock.clock).toBe('close')
    expect(nearest([clock({ met_at: iso(1) })], T0)).toBeNull()
  })
})
