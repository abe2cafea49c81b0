import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from 'maplibre-gl'
import { onBeforeUnmount, onMounted, ref, toRaw, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, ask } from '@/api/client'
import type { Alert } from '@/api/types'
import { useTheme } from '@/composables/useTheme'
import { useMap } from '@/stores/map'

import { alertFeatures, boundsOf, labelsOf, NOTHING, type Features } from './features'
import { RATIO, severityIcon } from './icons'
import { mapStyle, SWITCHES, type Ink, type Switch } from './style'

const SCHEME = 'shequ'
const CLOSE = 17.2 // a building fills the screen's middle

interface Wishes {
  alerts: () => readonly Alert[]
  focus: () => Alert | null
  off: () => readonly Switch[]
  select: (id: number) => void
  open: (place: string) => void
  scale: number // `box` is zoomed by it
}

/** One MapLibre map in `box`, kept in step with the stores; it follows theme and language. */
export function useCommunityMap(box: Ref<HTMLElement | null>, wishes: Wishes) {
  const { locale, t } = useI18n()
  const store = useMap()
  const { theme } = useTheme()
  const ready = ref(false)
  const failure = ref('')
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  let map: MapLibre | null = null
  let gone = false

  const ink: Ink = (token) => getComputedStyle(document.documentElement).getPropertyValue(token).trim()
  const put = (source: string, data: Features): void => void (map?.getSource(source) as GeoJSONSource | undefined)?.setData(toRaw(data) as never)

  function putAlerts(): void {
    const features = alertFeatures(wishes.alerts(), store.spot)
    put('alerts', features)
    put('warmth', features)
    const focus = wishes.focus()
    put('focus', focus ? alertFeatures([focus], store.spot) : NOTHING)
  }

  function putAll(): void {
    put('places', store.shapes)
    put('labels', labelsOf(store.shapes, locale.value === 'zh' ? 'name_zh' : 'name_en'))
    put('grids', store.grids)
    put('resources', store.resources)
    put('devices', store.devices)
    putAlerts()
    for (const [name, layers] of Object.entries(SWITCHES))
      for (const layer of layers) map?.setLayoutProperty(layer, 'visibility', wishes.off().includes(name as Switch) ? 'none' : 'visible')
  }

  function dress(): void {
    const background = store.body?.background
    const tiles = Array.from({ length: background?.layers ?? 0 }, (_, layer) => `${SCHEME}://${layer}/{z}/{x}/{y}`)
    map?.setStyle(mapStyle(ink, tiles, background ? { attribution: background.attribution, maxZoom: background.max_zoom } : null), { diff: false })
  }

  function onStyle(): void {
    for (const severity of [1, 2, 3, 4]) map?.addImage(`sev-${severity}`, severityIcon(severity, ink), { pixelRatio: RATIO })
    putAll()
    ready.value = true
  }

  function showAll(): void {
    const bounds = boundsOf(store.shapes.features)
    if (bounds) map?.fitBounds(bounds, { padding: 40, animate: false, maxZoom: CLOSE })
  }

  function goTo(alert: Alert | null): void {
    const at = alert && store.spot(alert)
    if (!alert || !at) return
    const estate = boundsOf(store.shapes.features.filter((one) => one.properties['code'] === alert.estate))
    if (estate) map?.fitBounds(estate, { padding: 60, duration: calm ? 0 : 500 })
    else map?.easeTo({ center: at, zoom: CLOSE, duration: calm ? 0 : 500 })
  }

  async function onClick(event: MapMouseEvent): Promise<void> {
    const hit = map?.queryRenderedFeatures(event.point, { layers: ['alert', 'alert-cluster', 'device-cluster'] })[0]
    if (!hit) {
      const place = map?.queryRenderedFeatures(event.point, { layers: ['gate', 'building', 'estate'] })[0]
      return place && wishes.open(String(place.properties['code']))
    }
    if (hit.layer.id === 'alert') return wishes.select(Number(hit.properties['id']))
    const zoom = await (map?.getSource(hit.source) as GeoJSONSource).getClusterExpansionZoom(Number(hit.properties['cluster_id']))
    map?.easeTo({ center: (hit.geometry as { coordinates: [number, number] }).coordinates, zoom, duration: calm ? 0 : 400 })
  }

  async function start(): Promise<void> {
    const [{ maplibre }] = await Promise.all([import('./engine'), store.load()])
    if (gone || !box.value) return
    maplibre.addProtocol(SCHEME, async ({ url }, { signal }) => {
      const [layer = 0, z = 0, x = 0, y = 0] = url.slice(SCHEME.length + 3).split('/').map(Number)
      return { data: (await ask(api.GET('/api/map/tiles/{layer}/{z}/{x}/{y}', { params: { path: { layer, z, x, y } }, parseAs: 'arrayBuffer', signal }))) as unknown as ArrayBuffer }
    })
    map = new maplibre.Map({ container: box.value, attributionControl: store.body?.background ? {} : false, fadeDuration: calm ? 0 : 200, dragRotate: false, maxZoom: 21, pixelRatio: window.devicePixelRatio * wishes.scale, locale: { 'Map.Title': t('geo.title') } })
    map.addControl(new maplibre.ScaleControl({ maxWidth: 110 }))
    map.on('style.load', onStyle)
    map.on('click', (event) => void onClick(event))
    dress()
    showAll()
    goTo(wishes.focus())
  }

  onMounted(() => start().catch((problem: unknown) => (failure.value = problem instanceof Error ? problem.message : String(problem))))
  watch([() => store.shapes, () => store.devices, locale, wishes.off], () => ready.value && putAll())
  watch([wishes.alerts, () => wishes.focus()?.id], () => ready.value && putAlerts())
  watch(() => wishes.focus()?.id, () => goTo(wishes.focus()))
  watch(theme, () => ready.value && dress(), { flush: 'post' })
  onBeforeUnmount(() => {
    gone = true
    map?.remove()
    map = null
  })

  return { ready, failure, showAll, zoom: (by: 1 | -1) => (by > 0 ? map?.zoomIn() : map?.zoomOut()) }
}
