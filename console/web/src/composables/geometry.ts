import type { Device, Place } from '@/api/types'

export interface Point {
  x: number
  y: number
}
export interface Box {
  left: number
  top: number
  width: number
  height: number
}

type Outline = readonly (readonly number[])[]

/** Metres to the drawing's plane, where y grows downwards. */
export const points = (outline: Outline): Point[] => outline.map(([x = 0, y = 0]) => ({ x, y: -y }))

export function centre(outline: Outline): Point | null {
  const all = points(outline)
  if (all.length === 0) return null
  const box = boxAround(all, 0)
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 }
}

export function boxAround(all: readonly Point[], margin: number): Box {
  if (all.length === 0) return { left: 0, top: 0, width: 100, height: 100 }
  const [xs, ys] = [all.map((p) => p.x), all.map((p) => p.y)]
  const [left, top] = [Math.min(...xs) - margin, Math.min(...ys) - margin]
  return { left, top, width: Math.max(...xs) + margin - left, height: Math.max(...ys) + margin - top }
}

/** Where a thing is drawn: its device if that has a position, else the smallest place around it with an outline. */
export function locate(
  what: { place: string; device: string | null },
  places: ReadonlyMap<string, Place>,
  devices: readonly Device[],
): Point | null {
  const device = devices.find((entry) => entry.id === what.device)
  if (device?.x != null && device.y != null) return { x: device.x, y: -device.y }
  const outlined = outlinedAround(what.place, places)
  return outlined && outlined.kind !== 'estate' ? centre(outlined.outline) : null
}

/** The smallest place around `code`, or itself, that has an outline. */
export function outlinedAround(code: string, places: ReadonlyMap<string, Place>): Place | null {
  for (const step of [...(places.get(code)?.path ?? [])].reverse()) {
    const place = places.get(step)
    if (place && place.outline.length > 0) return place
  }
  return null
}
