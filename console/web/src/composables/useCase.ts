import { onBeforeUnmount, ref, shallowRef, watch, type Ref } from 'vue'

import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { AlertDetail, IncidentDetail } from '@/api/types'
import { useAlerts } from '@/stores/alerts'
import { useIncidents } from '@/stores/incidents'

/** One thing in full, fetched anew whenever `stamp` says that it changed; the last question asked wins. */
function useDetail<T>(key: () => string | null, stamp: () => unknown, fetch: (id: number) => Promise<T>) {
  const detail = shallowRef<T | null>(null)
  const missing = ref(false)
  let turn = 0
  let shown: string | null = null

  async function load(): Promise<void> {
    const id = key()
    const mine = (turn += 1)
    if (id !== shown) detail.value = null
    shown = id
    missing.value = false
    if (id === null) return
    try {
      const answer = await fetch(Number(id))
      if (mine === turn) detail.value = answer
    } catch (problem) {
      if (mine !== turn) return
      if (problem instanceof Problem && problem.status === 404) missing.value = true
      else retry = setTimeout(() => void load(), 2_000)
    }
  }

  let retry: ReturnType<typeof setTimeout> | undefined
  watch([key, stamp], () => void load(), { immediate: true })
  onBeforeUnmount(() => {
    turn += 1 // an answer that comes now is nobody's
    clearTimeout(retry)
  })
  return { detail, missing, load }
}

export function useCase(id: Ref<number | null>) {
  const alerts = useAlerts()
  return useDetail<AlertDetail>(
    () => (id.value === null ? null : String(id.value)),
    () => (id.value === null ? 0 : alerts.byId.get(id.value)?.version),
    (number) => ask(api.GET('/api/alerts/{alert_id}', { params: { path: { alert_id: number } } })),
  )
}

export function useIncident(id: Ref<number | null>) {
  const incidents = useIncidents()
  return useDetail<IncidentDetail>(
    () => (id.value === null ? null : String(id.value)),
    () => (id.value === null ? 0 : incidents.byId.get(id.value)?.version),
    (number) => ask(api.GET('/api/incidents/{incident_id}', { params: { path: { incident_id: number } } })),
  )
}
