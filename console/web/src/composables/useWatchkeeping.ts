import { onBeforeUnmount, onMounted, watchEffect } from 'vue'

import { api, ask } from '@/api/client'
import { followLive, type FeedMessage } from '@/api/live'
import { Problem } from '@/api/problem'
import type { Alert, Device, Incident } from '@/api/types'
import { useAlerts } from '@/stores/alerts'
import { useCatalogue } from '@/stores/catalogue'
import { useFeed } from '@/stores/feed'
import { useHolds, type HoldNews } from '@/stores/holds'
import { useIncidents } from '@/stores/incidents'
import { useKpi } from '@/stores/kpi'
import { useMap } from '@/stores/map'
import { usePlaces } from '@/stores/places'
import { useShift } from '@/stores/shift'

const KPI_EVERY_MS = 10_000
const RETRY_MS = 2_000

/** Everything that runs while somebody is signed in: the feed, the lists it keeps fresh, and the bell. */
export function useWatchkeeping(): void {
  const [alerts, incidents, places, map] = [useAlerts(), useIncidents(), usePlaces(), useMap()]
  const holds = useHolds()
  const [feed, kpi, shift, catalogue] = [useFeed(), useKpi(), useShift(), useCatalogue()]
  const leave = new AbortController()
  let kpiTimer: ReturnType<typeof setTimeout> | undefined

  async function stubborn(call: () => Promise<void>): Promise<void> {
    while (!leave.signal.aborted) {
      try {
        return await call()
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.status === 401) return
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  function refetch(): void {
    void stubborn(alerts.refresh)
    void stubborn(incidents.refresh)
    void stubborn(holds.refresh)
    kpiSoon(0)
  }

  function kpiSoon(ms: number): void {
    clearTimeout(kpiTimer)
    kpiTimer = setTimeout(() => {
      void kpi.refresh().catch(() => undefined)
      kpiSoon(KPI_EVERY_MS)
    }, ms)
  }

  function onMessage(message: FeedMessage): void {
    feed.heard(message.kind === 'heartbeat' ? message.at : null)
    if (message.kind === 'hello' || message.kind === 'resync') refetch()
    else if (message.kind === 'alert') onAlert(message.body as Alert)
    else if (message.kind === 'incident') incidents.take(message.body as Incident)
    else if (message.kind === 'device') onDevice(message.body as Device)
    else if (message.kind === 'hold') return holds.take(message.body as HoldNews)
    if (message.kind !== 'heartbeat') kpiSoon(1_000)
  }

  function onDevice(device: Device): void {
    places.takeDevice(device)
    map.takeDevice(device)
  }

  function onAlert(alert: Alert): void {
    if (alerts.take(alert)) shift.arrived(alert)
  }

  async function open(cursor: number | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const stream = await ask(
      api.GET('/api/live', {
        params: { query: cursor === null ? {} : { cursor } },
        headers: { Accept: 'text/event-stream' },
        cache: 'no-store',
        parseAs: 'stream',
        signal,
      }),
    )
    if (!stream) throw new Problem(0, 'no stream', '')
    return stream as unknown as ReadableStream<Uint8Array>
  }

  onMounted(() => {
    void stubborn(catalogue.load)
    refetch()
    followLive(
      { open, onMessage, onOpen: () => undefined, onLost: () => (feed.connection = 'lost') },
      leave.signal,
    ).catch(() => (feed.connection = 'lost'))
  })
  watchEffect(() => shift.ring(alerts.urgent.length > 0))
  watchEffect(() => {
    for (const estate of new Set(alerts.active.map((alert) => alert.estate))) void stubborn(() => places.ensure(estate))
  })
  onBeforeUnmount(() => {
    leave.abort()
    clearTimeout(kpiTimer)
    shift.end()
  })
}
