import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'

import { allPages, api, ask, write } from '@/api/client'
import type { AcknowledgedRow, Alert, AlertVerb, CaseCause as Cause, Outcome } from '@/api/types'
import { waits } from '@/composables/ringing'

const KEPT = 3000
const PAGE = 1000
const AT_ONCE = 100 // acknowledged in one request

/** When it was raised, read once: ten thousand are sorted anew with every message of the feed. */
const moments = new WeakMap<Alert, number>()
function raised(alert: Alert): number {
  const known = moments.get(alert)
  if (known !== undefined) return known
  const moment = Date.parse(alert.raised_at)
  moments.set(alert, moment)
  return moment
}

export const bySeverityThenNewest = (a: Alert, b: Alert) => a.severity - b.severity || raised(b) - raised(a) || b.id - a.id

/** The alerts this page has heard of; a newer version never gives way to an older one. */
export const useAlerts = defineStore('alerts', () => {
  const byId = shallowReactive(new Map<number, Alert>())
  const loaded = ref(false)
  let touched = new Set<number>()
  let room = KEPT

  const active = computed(() => [...byId.values()].filter((alert) => !alert.ended_at).sort(bySeverityThenNewest))
  const urgent = computed(() => active.value.filter((alert) => alert.severity === 1 && waits(alert)))

  /** Take one in; answers whether it was news. */
  function take(alert: Alert): boolean {
    const known = byId.get(alert.id)
    if (known && known.version > alert.version) return false
    byId.set(alert.id, alert)
    touched.add(alert.id)
    if (byId.size > room) forgetOldest()
    return !known
  }

  /** Fetch what is active; what the feed said meanwhile stands. */
  async function refresh(): Promise<void> {
    touched = new Set()
    const items = await allPages((cursor) => ask(api.GET('/api/alerts', { params: { query: { state: 'active', limit: PAGE, cursor } } })))
    const fetched = new Set(items.map((alert) => alert.id))
    for (const alert of active.value) if (!fetched.has(alert.id) && !touched.has(alert.id)) byId.delete(alert.id)
    for (const alert of items) take(alert)
    loaded.value = true
  }

  async function act(
    id: number,
    action: AlertVerb,
    more: { note?: string; outcome?: Outcome; cause?: Cause; org?: string; version?: number } = {},
  ): Promise<void> {
    const alert = await write((key) =>
      api.POST('/api/alerts/{alert_id}/actions', {
        params: { path: { alert_id: id }, header: { 'Idempotency-Key': key } },
        body: { action, ...more },
      }),
    )
    take(alert)
  }

  /** Acknowledge several, some at a time; a row about each says what became of it. */
  async function acknowledgeMany(ids: readonly number[], grave: boolean): Promise<AcknowledgedRow[]> {
    const rows: AcknowledgedRow[] = []
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const body = { alerts: ids.slice(from, from + AT_ONCE), grave }
      const answer = await write((key) => api.POST('/api/alerts/acknowledge', { params: { header: { 'Idempotency-Key': key } }, body }))
      for (const row of answer.items) if (row.alert) take(row.alert)
      rows.push(...answer.items)
    }
    return rows
  }

  async function judge(id: number, verdict: 'confirmed' | 'bypassed' | 'refuted', note: string): Promise<void> {
    const alert = await write((key) =>
      api.POST('/api/alerts/{alert_id}/verdict', { params: { path: { alert_id: id }, header: { 'Idempotency-Key': key } }, body: { verdict, note } }),
    )
    take(alert)
  }

  function forgetOldest(): void {
    const ended = [...byId.values()].filter((alert) => alert.ended_at).sort((a, b) => a.id - b.id)
    for (const alert of ended.slice(0, KEPT / 2)) byId.delete(alert.id)
    room = byId.size + KEPT // what is active stays, however much: looked at again only when as many more have come
  }

  return { byId, loaded, active, urgent, take, refresh, act, acknowledgeMany, judge }
})
