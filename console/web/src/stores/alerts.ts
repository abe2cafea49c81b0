import { defineStore } from 'pinia'
import { computed, ref, shallowReactive, shallowRef, triggerRef } from 'vue'

import { allPages, api, ask, write } from '@/api/client'
import type { AcknowledgedRow, Alert, AlertVerb, CaseCause as Cause, Outcome } from '@/api/types'
import { bounded } from '@/composables/bounded'
import { drop, put } from '@/composables/ordered'
import { waits } from '@/composables/ringing'

const KEPT = 1500 // alerts that are over
const PAGE = 1000
const AT_ONCE = 100 // acknowledged in one request

/** When it was raised, read once: it is compared again whenever another finds its place. */
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
  const touched = new Set<number>() // by the feed, while a list is fetched
  let fetching = 0
  const forget = bounded(byId, (alert) => Boolean(alert.ended_at), KEPT)

  const queue = shallowRef<Alert[]>([]) // what is active, in order; changed in place

  const active = computed<readonly Alert[]>(() => [...queue.value])
  /** Those of the first severity stand in front. */
  const urgent = computed(() => {
    const rest = active.value.findIndex((alert) => alert.severity > 1)
    return active.value.slice(0, rest < 0 ? undefined : rest).filter(waits)
  })

  /** Take one in; answers whether it was news. */
  function take(alert: Alert): boolean {
    if (isOlder(alert)) return false
    const known = byId.get(alert.id)
    if (known) drop(queue.value, known, bySeverityThenNewest)
    byId.set(alert.id, alert)
    if (!alert.ended_at) put(queue.value, alert, bySeverityThenNewest)
    triggerRef(queue)
    if (fetching > 0) touched.add(alert.id)
    forget()
    return !known
  }

  /** Fetch what is active; what the feed said meanwhile stands. */
  async function refresh(): Promise<void> {
    fetching += 1
    try {
      const items = await allPages((cursor) => ask(api.GET('/api/alerts', { params: { query: { state: 'active', limit: PAGE, cursor } } })))
      replace(items)
    } finally {
      fetching -= 1
      if (fetching === 0) touched.clear()
    }
    loaded.value = true
  }

  /** All at once: ten thousand that each find their place take half a second, one sorting takes a hundredth. */
  function replace(items: readonly Alert[]): void {
    const fetched = new Set(items.map((alert) => alert.id))
    for (const { id } of queue.value) if (!fetched.has(id) && !touched.has(id)) byId.delete(id)
    for (const alert of items) if (!isOlder(alert)) byId.set(alert.id, alert)
    queue.value = [...byId.values()].filter((alert) => !alert.ended_at).sort(bySeverityThenNewest)
    forget()
  }

  const isOlder = (alert: Alert): boolean => (byId.get(alert.id)?.version ?? 0) > alert.version

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

  return { byId, loaded, active, urgent, take, refresh, act, acknowledgeMany, judge }
})
