/** What stands where, as GeoJSON: pure, so that it can be tested without a map. */
import type { Alert, Place } from '@/api/types'
import { toGcj } from '@/field/geo'

export type Position = [number, number]
export interface Feature {
  type: 'Feature'
  geometry: { type: 'Point' | 'Polygon' | 'MultiPolygon'; coordinates: unknown }
  properties: Record<string, unknown>
}
export interface Features {
  type: 'FeatureCollection'
  features: Feature[]
}

export const NOTHING: Features = { type: 'FeatureCollection', features: [] }

/** Coordinates as the background is drawn: maps sold in China are shifted, satellites are not. */
export function drawnIn(crs: 'wgs84' | 'gcj02', features: Features): Features {
  if (crs === 'wgs84') return features
  const move = (at: unknown): unknown => (isPosition(at) ? shift(at) : (at as unknown[]).map(move))
  return { ...features, features: features.features.map((one) => ({ ...one, geometry: { ...one.geometry, coordinates: move(one.geometry.coordinates) } })) }
}

function shift([lon, lat]: Position): Position {
  const moved = toGcj({ lat, lon })
  return [moved.lon, moved.lat]
}

const isPosition = (at: unknown): at is Position => Array.isArray(at) && typeof at[0] === 'number'

export function positions(at: unknown): Position[] {
  return isPosition(at) ? [at] : (at as unknown[]).flatMap(positions)
}

/** West, south, east, north of everything; null where there is nothing. */
export function boundsOf(features: readonly Feature[]): [number, number, number, number] | null {
  const all = features.flatMap((one) => positions(one.geometry.coordinates))
  if (all.length === 0) return null
  const [lons, lats] = [all.map(([lon]) => lon), all.map(([, lat]) => lat)]
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

export function middleOf(feature: Feature): Position {
  const [west, south, east, north] = boundsOf([feature])!
  return [(west + east) / 2, (south + north) / 2]
}

/** One label for each shape, above its northern edge: a polygon would say its name once in every tile. */
export function labelsOf(shapes: Features, name: 'name_zh' | 'name_en'): Features {
  const features = shapes.features.map((one): Feature => {
    const [west, , east, north] = boundsOf([one])!
    return { type: 'Feature', geometry: { type: 'Point', coordinates: [(west + east) / 2, north] }, properties: { kind: one.properties['kind'], label: one.properties[name] } }
  })
  return { type: 'FeatureCollection', features }
}

/** Where an alert is: at its device, else in the smallest drawn place around it, else nowhere. */
export function spotOf(alert: Pick<Alert, 'device' | 'place' | 'estate'>, devices: ReadonlyMap<string, Feature>, drawn: ReadonlyMap<string, Feature>, places: ReadonlyMap<string, Place>): Position | null {
  const device = alert.device ? devices.get(alert.device) : undefined
  if (device) return device.geometry.coordinates as Position
  for (const code of [...(places.get(alert.place)?.path ?? [alert.estate, alert.place])].reverse()) {
    const place = drawn.get(code)
    if (place) return middleOf(place)
  }
  return null
}

export function alertFeatures(alerts: readonly Alert[], spot: (alert: Alert) => Position | null): Features {
  const features = alerts.flatMap((alert): Feature[] => {
    const at = spot(alert)
    return at ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties: { id: alert.id, severity: alert.severity, code: alert.code, weight: 5 - alert.severity } }] : []
  })
  return { type: 'FeatureCollection', features }
}
