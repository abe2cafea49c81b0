import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

import { api, ask } from '@/api/client'
import type { Alert } from '@/api/types'
import { useAlerts } from '@/stores/alerts'

import { cards } from './groups'
import { useWords } from './useWords'

export type QueueState = 'active' | 'suppressed' | 'ended' | 'all'
const STATES: readonly string[] = ['suppressed', 'ended', 'all']
export interface QueueFilter {
  severity: string
  estate: string
  code: string
  state: QueueState
  q: string
}

/** The queue as filtered; the filter lives in the address, so that it survives a reload and can be passed on. */
export function useQueue() {
  const [route, router, alerts, words] = [useRoute(), useRouter(), useAlerts(), useWords()]
  const history = shallowRef<number[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)

  const text = (key: string): string => (typeof route.query[key] === 'string' ? route.query[key] : '')
  const filter = computed<QueueFilter>(() => {
    const state = text('state')
    return {
      severity: text('severity'),
      estate: text('estate'),
      code: text('code'),
      state: STATES.includes(state) ? (state as QueueState) : 'active',
      q: text('q'),
    }
  })
  const filtered = computed(() => Object.entries(filter.value).some(([key, value]) => value && (key !== 'state' || value !== 'active')))

  function setFilter(change: Partial<QueueFilter>): void {
    const wanted: LocationQueryRaw = { ...route.query, ...change }
    const telling = Object.entries(wanted).filter(([key, value]) => value && !(key === 'state' && value === 'active'))
    void router.replace({ query: Object.fromEntries(telling) })
  }

  const items = computed<Alert[]>(() => {
    const source =
      filter.value.state === 'active' || filter.value.state === 'suppressed'
        ? alerts.active
        : history.value.map((id) => alerts.byId.get(id)).filter((alert) => alert !== undefined)
    return source.filter(matching(filter.value))
  })
  const shown = computed(() => cards(items.value))

  /** Whether an alert is wanted; the wish is read once, for it is held against ten thousand. */
  function matching({ severity, estate, code, state, q }: QueueFilter): (alert: Alert) => boolean {
    const [level, sought] = [Number(severity), q.toLowerCase()]
    return (alert) => {
      if (state === 'active' && alert.state === 'suppressed') return false
      if (state === 'suppressed' && alert.state !== 'suppressed') return false
      if (level && alert.severity !== level) return false
      if (estate && alert.estate !== estate) return false
      if (code && alert.code !== code) return false
      if (!sought) return true
      const haystack = [alert.code, words.kind(alert.code), words.estate(alert.estate), words.spot(alert.place), alert.device, alert.subject]
      return haystack.join(' ').toLowerCase().includes(sought)
    }
  }

  let turn = 0
  async function more(restart: boolean): Promise<void> {
    const { state, severity, estate, code } = filter.value
    if (state === 'active') return
    const mine = (turn += 1)
    loading.value = true
    try {
      const query = {
        state,
        severity: severity ? Number(severity) : undefined,
        estate: estate || undefined,
        code: code || undefined,
        cursor: restart ? undefined : (next.value ?? undefined),
      }
      const page = await ask(api.GET('/api/alerts', { params: { query } }))
      if (mine !== turn) return
      for (const alert of page.items) alerts.take(alert)
      const ids = page.items.map((alert) => alert.id)
      history.value = restart ? ids : [...history.value, ...ids]
      next.value = page.next ?? null
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  watch(
    () => [filter.value.state, filter.value.severity, filter.value.estate, filter.value.code].join('|'),
    () => {
      history.value = []
      next.value = null
      void more(true).catch(() => undefined)
    },
    { immediate: true },
  )

  return { filter, filtered, setFilter, items, cards: shown, next, loading, more: () => more(false) }
}
