import { describe, expect, it } from 'vitest'

import type { Device, Place } from '@/api/types'

import { elevationOf } from './elevation'
import { boxAround, centre, locate, points } from './geometry'

const place = (kind: string, path: string[], more: Partial<Place> = {}): Place => ({
  code: path.at(-1)!, kind, name_zh: path.at(-1)!, name_en: path.at(-1)!, parent: path.at(-2) ?? null, path, outline: [], level: null, use: null, ...more,
})
const square = (x: number, y: number): number[][] => [[x, y], [x + 10, y], [x + 10, y + 10], [x, y + 10]]

const all = [
  place('estate', ['e1'], { outline: square(0, 0) }),
  place('building', ['e1', 'b1'], { outline: square(20, 40) }),
  ...['u1', 'u2'].flatMap((unit) => [
    place('unit', ['e1', 'b1', unit]),
    ...[1, 2, 10].flatMap((level) => [
      place('floor', ['e1', 'b1', unit, `${unit}-f${level}`], { level }),
      ...(unit === 'u2' && level === 10 ? [1] : [1, 2]).map((door) => place('room', ['e1', 'b1', unit, `${unit}-f${level}`, `${unit}-${level}0${door}`])),
    ]),
  ]),
  place('gate', ['e1', 'gate']),
]
const places = new Map(all.map((entry) => [entry.code, entry]))
const device = (x: number | null): Device[] => [{ id: 'd1', estate: 'e1', place: 'gate', profile: 'camera', name_zh: '', name_en: '', x, y: x, online: true, last_seen: null, registered_at: '', offline_after_s: null } as Device]

describe('geometry', () => {
  it('turns north up into down', () => {
    expect(points([[1, 2]])).toEqual([{ x: 1, y: -2 }])
    expect(centre(square(20, 40))).toEqual({ x: 25, y: -45 })
    expect(boxAround(points(square(0, 0)), 1)).toEqual({ left: -1, top: -11, width: 12, height: 12 })
  })

  it('finds the device, or the smallest drawn place around a room, or nothing', () => {
    expect(locate({ place: 'gate', device: 'd1' }, places, device(7))).toEqual({ x: 7, y: -7 })
    expect(locate({ place: 'u1-101', device: null }, places, [])).toEqual({ x: 25, y: -45 })
    expect(locate({ place: 'gate', device: 'd1' }, places, device(null))).toBeNull()
  })
})

describe('elevationOf', () => {
  it('stacks floors from the top, units side by side, and marks the room', () => {
    const elevation = elevationOf('u2-1001', places)!
    expect(elevation.rows.map((row) => row.level)).toEqual([10, 2, 1])
    expect(elevation.units.map((unit) => [unit.code, unit.rooms])).toEqual([['u1', 2], ['u2', 2]])
    expect(elevation.rows[0]!.cells.map((cell) => [cell.place?.code, cell.marked])).toEqual([['u1-1001', false], ['u1-1002', false], ['u2-1001', true], [undefined, false]])
    expect(elevation.rows.flatMap((row) => row.cells).filter((cell) => cell.marked)).toHaveLength(1)
  })

  it('marks a whole floor, and draws nothing for what is not in a building', () => {
    expect(elevationOf('u1-f2', places)!.rows.filter((row) => row.marked).map((row) => row.level)).toEqual([2])
    expect(elevationOf('gate', places)).toBeNull()
    expect(elevationOf('b1', places)).toBeNull()
    expect(elevationOf('unknown', places)).toBeNull()
  })
})
