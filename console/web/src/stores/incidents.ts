import { defineStore } from 'pinia'
import { computed, ref, shallowReactive } from 'vue'

import { allPages, api, ask, write } from '@/api/client'
import type { CaseCause as Cause, Incident, LegalGrade, Outcome } from '@/api/types'
import { bounded } from '@/composables/bounded'

export type IncidentFilter = 'open' | 'closed' | 'all'
export interface IncidentMove {
  action: string
  reason?: string
  outcome?: Outcome
  org?: string
  cause?: Cause
  place?: string
  other?: number
  hours?: number
  grade?: LegalGrade
  version?: number
}

const KEPT = 1500 // cases that are closed

export const useIncidents = defineStore('incidents', () => {
  const byId = shallowReactive(new Map<number, Incident>())
  const forget = bounded(byId, (incident) => Boolean(incident.closed_at), KEPT)
  const filter = ref<IncidentFilter>('open')

  const listed = computed(() =>
    [...byId.values()]
      .filter((incident) => filter.value === 'all' || (incident.closed_at === null) === (filter.value === 'open'))
      .sort((a, b) => Date.parse(b.opened_at) - Date.parse(a.opened_at) || b.id - a.id),
  )

  function take(incident: Incident): void {
    const known = byId.get(incident.id)
    if (!known || known.version <= incident.version) byId.set(incident.id, incident)
    forget()
  }

  async function refresh(): Promise<void> {
    const state = filter.value
    const items = await allPages((cursor) => ask(api.GET('/api/incidents', { params: { query: { state, cursor } } })), 10)
    for (const incident of items) take(incident)
  }

  async function move(id: number, body: IncidentMove): Promise<void> {
    const incident = await write((key) =>
      api.POST('/api/incidents/{incident_id}/actions', { params: { path: { incident_id: id }, header: { 'Idempotency-Key': key } }, body }),
    )
    take(incident)
  }

  return { byId, filter, listed, take, refresh, move }
})
