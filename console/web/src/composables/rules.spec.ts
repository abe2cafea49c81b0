import { describe, expect, it } from 'vitest'

import { chimes, rings } from './ringing'
import { acceptSla } from './sla'
import { countdown } from './useTime'

const alert = { severity: 1, state: 'open' as const, raised_at: '2026-03-01T03:00:00+08:00', acked_at: null as string | null, ended_at: null as string | null }
const at = (seconds: number): number => Date.parse(alert.raised_at) + seconds * 1000

describe('ringing', () => {
  it('rings for an urgent alert that nobody has acknowledged, and for no other', () => {
    expect(rings(alert)).toBe(true)
    expect(rings({ ...alert, severity: 2 })).toBe(false)
    expect(rings({ ...alert, state: 'acknowledged', acked_at: alert.raised_at })).toBe(false)
    expect(rings({ ...alert, state: 'escalated_to_incident', acked_at: alert.raised_at })).toBe(false)
    expect(rings({ ...alert, ended_at: alert.raised_at })).toBe(false)
    expect(rings({ ...alert, state: 'suppressed' })).toBe(false)
  })

  it('mutes only what is not urgent', () => {
    expect(chimes({ ...alert, severity: 2 }, false)).toBe(true)
    expect(chimes({ ...alert, severity: 2 }, true)).toBe(false)
    expect(chimes(alert, false)).toBe(false) // it rings instead, whatever is muted
  })
})

describe('acceptSla', () => {
  it('counts down to the promise and up after it', () => {
    expect(acceptSla(alert, 60, at(12))).toEqual({ kind: 'running', seconds: 48, share: 0.8 })
    expect(acceptSla(alert, 60, at(60))).toEqual({ kind: 'late', seconds: 0 })
    expect(acceptSla(alert, 60, at(92))).toEqual({ kind: 'late', seconds: 32 })
  })

  it('says how long it took, and nothing where there is no promise', () => {
    expect(acceptSla({ ...alert, acked_at: '2026-03-01T03:00:14+08:00' }, 60, at(500))).toEqual({ kind: 'met', seconds: 14 })
    expect(acceptSla({ ...alert, ended_at: '2026-03-01T03:00:14+08:00' }, 60, at(500))).toEqual({ kind: 'none' })
    expect(acceptSla(alert, null, at(5))).toEqual({ kind: 'none' })
  })

  it('reads at a glance', () => {
    expect([countdown(9), countdown(75), countdown(3_661)]).toEqual(['0:09', '1:15', '1:01:01'])
  })
})
