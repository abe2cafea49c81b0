import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'

import { NOTHING } from './features'

/** What a reader may switch off, and the layers it stands for. */
export const SWITCHES = {
  grids: ['grid-fill', 'grid-line'],
  devices: ['device', 'device-cluster', 'device-count'],
  resources: ['resource'],
  heat: ['heat'],
} as const
export type Switch = keyof typeof SWITCHES

/** Colours of the page, so that the map follows its theme. */
export type Ink = (token: string) => string

const FONT = ['Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', 'sans-serif'] // no glyph host: drawn from the desk's own fonts
const kindOf = (...kinds: string[]) => ['match', ['get', 'kind'], kinds, true, false] as never
const empty = (more: object = {}): SourceSpecification => ({ type: 'geojson', data: NOTHING as never, ...more })

export function mapStyle(ink: Ink, tiles: readonly string[], background: { attribution: string; maxZoom: number } | null): StyleSpecification {
  const rasters = background ? tiles.map((url, index): [string, SourceSpecification] => [`base-${index}`, { type: 'raster', tiles: [url], tileSize: 256, maxzoom: background.maxZoom, attribution: background.attribution }]) : []
  return {
    version: 8,
    sources: {
      ...Object.fromEntries(rasters),
      places: empty(),
      labels: empty(),
      grids: empty(),
      resources: empty(),
      devices: empty({ cluster: true, clusterRadius: 36, clusterMaxZoom: 18, maxzoom: 20, clusterProperties: { off: ['+', ['case', ['==', ['get', 'online'], false], 1, 0]] } }),
      alerts: empty({ cluster: true, clusterRadius: 26, clusterMaxZoom: 18, maxzoom: 20, clusterProperties: { worst: ['min', ['get', 'severity']] } }),
      warmth: empty(),
      focus: empty(),
    },
    layers: [{ id: 'ground', type: 'background', paint: { 'background-color': ink('--map-ground') } }, ...rasters.map(([id]): LayerSpecification => ({ id, type: 'raster', source: id })), ...areas(ink, rasters.length > 0), ...dots(ink), ...names(ink), ...alarms(ink)],
  }
}

function areas(ink: Ink, onTiles: boolean): LayerSpecification[] {
  return [
    { id: 'estate', type: 'fill', source: 'places', filter: kindOf('estate'), paint: { 'fill-color': ink('--map-estate'), 'fill-opacity': onTiles ? 0.25 : 1 } },
    { id: 'grid-fill', type: 'fill', source: 'grids', paint: { 'fill-color': ink('--accent'), 'fill-opacity': 0.06 } },
    { id: 'estate-line', type: 'line', source: 'places', filter: kindOf('estate'), paint: { 'line-color': ink('--map-line'), 'line-width': 1.5 } },
    { id: 'grid-line', type: 'line', source: 'grids', paint: { 'line-color': ink('--accent'), 'line-width': 1, 'line-dasharray': [4, 3], 'line-opacity': 0.6 } },
    { id: 'building', type: 'fill', source: 'places', filter: kindOf('building'), paint: { 'fill-color': ink('--map-building'), 'fill-outline-color': ink('--map-line') } },
    { id: 'gate', type: 'fill', source: 'places', filter: kindOf('gate'), paint: { 'fill-color': ink('--ok'), 'fill-opacity': 0.7 } },
  ]
}

/** Names lie over the marks of devices, under alarms. */
function names(ink: Ink): LayerSpecification[] {
  const label = (id: string, kinds: string[], size: number, minzoom: number, always = false): LayerSpecification => ({
    id, type: 'symbol', source: 'labels', minzoom, filter: kindOf(...kinds),
    layout: { 'text-anchor': 'bottom', 'text-offset': [0, -0.3], 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': size, 'text-padding': 4, 'text-allow-overlap': always },
    paint: { 'text-color': ink('--text'), 'text-halo-color': ink('--map-ground'), 'text-halo-width': 1.6 },
  })
  return [label('building-label', ['building', 'gate'], 13, 16), label('estate-label', ['estate'], 16, 0, true)]
}

function dots(ink: Ink): LayerSpecification[] {
  const off = ['==', ['get', 'online'], false]
  return [
    { id: 'resource', type: 'circle', source: 'resources', minzoom: 15, paint: { 'circle-radius': 4, 'circle-color': ink('--map-resource'), 'circle-stroke-color': ink('--map-ground'), 'circle-stroke-width': 1 } },
    { id: 'device-cluster', type: 'circle', source: 'devices', filter: ['has', 'point_count'], paint: { 'circle-radius': ['step', ['get', 'point_count'], 10, 10, 13, 100, 17], 'circle-color': ink('--map-cluster'), 'circle-stroke-color': ['case', ['>', ['get', 'off'], 0], ink('--warn'), ink('--map-device')], 'circle-stroke-width': 2 } },
    { id: 'device-count', type: 'symbol', source: 'devices', filter: ['has', 'point_count'], layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT, 'text-size': 11, 'text-allow-overlap': true }, paint: { 'text-color': ink('--text') } },
    { id: 'device', type: 'circle', source: 'devices', filter: ['!', ['has', 'point_count']], paint: { 'circle-radius': 5, 'circle-color': ['case', off, ink('--map-ground'), ink('--map-device')], 'circle-stroke-color': ['case', off, ink('--warn'), ink('--map-ground')], 'circle-stroke-width': 2 } },
  ] as LayerSpecification[]
}

function alarms(ink: Ink): LayerSpecification[] {
  const severity = (of: string) => ['match', ['get', of], 1, ink('--sev-1'), 2, ink('--sev-2'), 3, ink('--sev-3'), ink('--sev-4')]
  return [
    { id: 'heat', type: 'heatmap', source: 'warmth', maxzoom: 17, paint: {
      'heatmap-weight': ['/', ['get', 'weight'], 4],
      'heatmap-radius': ['interpolate', ['linear'], ['zoom'], 8, 14, 17, 60],
      'heatmap-opacity': ['interpolate', ['linear'], ['zoom'], 14, 0.75, 17, 0.25],
      'heatmap-color': ['interpolate', ['linear'], ['heatmap-density'], 0, 'rgba(0,0,0,0)', 0.25, ink('--sev-4'), 0.5, ink('--sev-3'), 0.75, ink('--sev-2'), 1, ink('--sev-1')],
    } },
    { id: 'focus', type: 'circle', source: 'focus', paint: { 'circle-radius': 24, 'circle-color': ink('--accent'), 'circle-opacity': 0.18, 'circle-stroke-color': ink('--accent'), 'circle-stroke-width': 3 } },
    { id: 'alert-cluster', type: 'circle', source: 'alerts', filter: ['has', 'point_count'], paint: { 'circle-radius': 17, 'circle-color': severity('worst'), 'circle-stroke-color': ink('--map-ground'), 'circle-stroke-width': 2 } },
    { id: 'alert-count', type: 'symbol', source: 'alerts', filter: ['has', 'point_count'], layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT, 'text-size': 15, 'text-allow-overlap': true }, paint: { 'text-color': ink('--sev-ink') } },
    { id: 'alert', type: 'symbol', source: 'alerts', filter: ['!', ['has', 'point_count']], layout: { 'icon-image': ['concat', 'sev-', ['get', 'severity']], 'icon-allow-overlap': true, 'symbol-sort-key': ['-', 0, ['get', 'severity']] } },
  ] as LayerSpecification[]
}
