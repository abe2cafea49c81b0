import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Alert } from '@/api/types'

import { useAlerts } from './alerts'

const alert = (id: number, more: Partial<Alert> = {}): Alert => ({
  id, fingerprint: `f${id}`, rule: 'r', code: 'FIRE-001', severity: 2, state: 'open', estate: 'e1', place: 'e1', subject: 's', device: null, reason: 'condition_met', explain: {},
  first_seen: '2026-03-01T03:00:00+08:00', last_seen: '2026-03-01T03:00:00+08:00', hit_count: 1, raised_at: `2026-03-01T03:00:${String(id % 60).padStart(2, '0')}+08:00`,
  late_by_s: null, cleared_at: null, acked_at: null, acked_by: null, ended_at: null, outcome: null, incident_id: null, version: 1, group_key: '', drill: false, lapses: 0, ack_until: null, confirm_until: null, verdict: null, verdict_at: null, verdict_by: null, legal: [], ...more,
})
const answer = (items: Alert[]) => ({ data: { items, next: null }, response: new Response() })

beforeEach(() => setActivePinia(createPinia()))

describe('alerts', () => {
  it('queues by severity, then the newest first, and drops what is over', () => {
    const alerts = useAlerts()
    for (const entry of [alert(1), alert(2), alert(3, { severity: 1 }), alert(4, { ended_at: '2026-03-01T04:00:00+08:00' })]) alerts.take(entry)
    expect(alerts.active.map(({ id }) => id)).toEqual([3, 2, 1])
    expect(alerts.urgent.map(({ id }) => id)).toEqual([3])
  })

  it('finds the place of a changed alert without sorting the others anew', () => {
    const alerts = useAlerts()
    let read = 0
    for (let id = 1; id <= 10_000; id += 1) {
      const severity = (id % 4) + 1
      alerts.take(Object.defineProperty(alert(id), 'severity', { get: () => ((read += 1), severity) }))
    }
    expect(alerts.active).toHaveLength(10_000)
    read = 0
    alerts.take(alert(5000, { version: 2, severity: 2 }))
    expect(alerts.active.filter(({ id }) => id === 5000)).toHaveLength(1)
    expect(read).toBeLessThan(60) // two searches of fourteen comparisons
    expect(alerts.active.map(({ severity }) => severity)).toEqual(alerts.active.map(({ severity }) => severity).sort())
    alerts.take(alert(5000, { version: 3, severity: 2, ended_at: '2026-03-01T04:00:00+08:00' }))
    expect(alerts.active).toHaveLength(9_999)
  })

  it('takes a fetched list of ten thousand in by sorting once', async () => {
    const alerts = useAlerts()
    let read = 0
    const counted = (id: number): Alert => Object.defineProperty(alert(id, { version: 2 }), 'severity', { get: () => ((read += 1), (id % 4) + 1) })
    for (let id = 1; id <= 1000; id += 1) alerts.take(alert(id, { severity: (id % 4) + 1 }))
    vi.spyOn(api, 'GET').mockResolvedValue(answer(Array.from({ length: 10_000 }, (_, index) => counted(index + 1))) as never)
    const splice = vi.spyOn(Array.prototype, 'splice')
    await alerts.refresh()
    expect(splice.mock.calls.length).toBeLessThan(10)
    expect(alerts.active).toHaveLength(10_000)
    expect(new Set(alerts.active.map(({ id }) => id)).size).toBe(10_000)
    expect(read).toBeLessThan(10_000 * 2 * 15)
    vi.restoreAllMocks()
  })

  it('never goes back to an older version', () => {
    const alerts = useAlerts()
    expect(alerts.take(alert(1, { version: 3, state: 'acknowledged' }))).toBe(true)
    expect(alerts.take(alert(1, { version: 2 }))).toBe(false)
    expect(alerts.byId.get(1)?.state).toBe('acknowledged')
  })

  it('keeps what the feed said while the list was fetched, and drops what has gone', async () => {
    const alerts = useAlerts()
    alerts.take(alert(1))
    alerts.take(alert(2))
    vi.spyOn(api, 'GET').mockImplementation((() => {
      alerts.take(alert(9)) // raised after the server read its list
      return Promise.resolve(answer([alert(2)]))
    }) as never)
    await alerts.refresh()
    expect(alerts.active.map(({ id }) => id)).toEqual([9, 2])
  })
})
