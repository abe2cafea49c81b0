import type { Place } from '@/api/types'

export interface Cell {
  place: Place | null
  marked: boolean
}
export interface Elevation {
  building: Place
  /** A room is known; otherwise the marks show how far it may reach. */
  exact: boolean
  units: { code: string; place: Place | null; rooms: number }[]
  rows: { level: number; cells: Cell[]; marked: boolean }[]
}

/** A building seen from the front, floors by units, with the place of an alert marked; null where there is nothing to see. */
export function elevationOf(code: string, places: ReadonlyMap<string, Place>): Elevation | null {
  const around = (place: Place, kind: string): Place | null =>
    place.path.map((step) => places.get(step)).find((step) => step?.kind === kind) ?? null
  const target = places.get(code)
  const building = target && around(target, 'building')
  if (!target || !building || target === building) return null

  const inside = [...places.values()].filter((place) => place.path.includes(building.code))
  const rooms = inside.filter((place) => place.kind === 'room')
  const levelOf = (place: Place): number | null => place.level ?? around(place, 'floor')?.level ?? null
  const levels = [...new Set([...inside.map(levelOf)].filter((level) => level !== null))].sort((a, b) => b - a)
  if (levels.length === 0) return null

  const at = (unit: string, level: number): Place[] =>
    rooms
      .filter((room) => (around(room, 'unit')?.code ?? '') === unit && levelOf(room) === level)
      .sort((a, b) => a.code.localeCompare(b.code, 'en', { numeric: true }))
  const unitCodes = [...new Set(rooms.map((room) => around(room, 'unit')?.code ?? ''))].sort((a, b) =>
    a.localeCompare(b, 'en', { numeric: true }),
  )
  const units = unitCodes.map((unit) => ({
    code: unit,
    place: places.get(unit) ?? null,
    rooms: Math.max(1, ...levels.map((level) => at(unit, level).length)),
  }))
  const rows = levels.map((level) => ({
    level,
    marked: target.kind === 'floor' && levelOf(target) === level,
    cells: units.flatMap((unit) => {
      const here = at(unit.code, level)
      return Array.from({ length: unit.rooms }, (_, index): Cell => {
        const place = here[index] ?? null
        return { place, marked: place !== null && place.path.includes(target.code) }
      })
    }),
  }))
  return { building, exact: target.kind === 'room', units, rows }
}
