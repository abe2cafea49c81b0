import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'

import { allPages, api, ask, write } from '@/api/client'
import type { Alert, AlertVerb, CaseCause as Cause, Outcome } from '@/api/types'
import { waits } from '@/composables/ringing'

const KEPT = 3000

export const bySeverityThenNewest = (a: Alert, b: Alert) =>
  a.severity - b.severity || Date.parse(b.raised_at) - Date.parse(a.raised_at) || b.id - a.id

/** The alerts this page has heard of; a newer version never gives way to an older one. */
export const useAlerts = defineStore('alerts', () => {
  const byId = shallowReactive(new Map<number, Alert>())
  const loaded = ref(false)
  let touched = new Set<number>()

  const active = computed(() => [...byId.values()].filter((alert) => !alert.ended_at).sort(bySeverityThenNewest))
  const urgent = computed(() => active.value.filter((alert) => alert.severity === 1 && waits(alert)))

  /** Take one in; answers whether it was news. */
  function take(alert: Alert): boolean {
    const known = byId.get(alert.id)
    if (known && known.version > alert.version) return false
    byId.set(alert.id, alert)
    touched.add(alert.id)
    if (byId.size > KEPT) forgetOldest()
    return !known
  }

  /** Fetch what is active; what the feed said meanwhile stands. */
  async function refresh(): Promise<void> {
    touched = new Set()
    const items = await allPages((cursor) => ask(api.GET('/api/alerts', { params: { query: { state: 'active', limit: 200, cursor } } })))
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

  async function judge(id: number, verdict: 'confirmed' | 'bypassed' | 'refuted', note: string): Promise<void> {
    const alert = await write((key) =>
      api.POST('/api/alerts/{alert_id}/verdict', { params: { path: { alert_id: id }, header: { 'Idempotency-Key': key } }, body: { verdict, note } }),
    )
    take(alert)
  }

  function forgetOldest(): void {
    const ended = [...byId.values()].filter((alert) => alert.ended_at).sort((a, b) => a.id - b.id)
    for (const alert of ended.slice(0, KEPT / 2)) byId.delete(alert.id)
  }

  return { byId, loaded, active, urgent, take, refresh, act, judge }
})
