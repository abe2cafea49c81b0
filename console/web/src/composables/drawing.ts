/** Zones, lines and masks of a camera as shapes to draw; points are shares of the picture. */
type Loose = Record<string, unknown>
export type Point = [number, number]
export const KINDS = ['zone', 'line', 'mask', 'ignore'] as const
export type Kind = (typeof KINDS)[number]
export const WATCHES = ['intrusion', 'loitering', 'crowd', 'left', 'blocking', 'fast'] as const
export type Watch = (typeof WATCHES)[number]
export const DIRECTIONS = ['both', 'in', 'out'] as const

export interface Shape {
  kind: Kind
  name: string
  points: Point[]
  watch: Watch[]
  direction: (typeof DIRECTIONS)[number]
  loiter_after: number
  left_after: number
  crowd: number
}

export const FEWEST: Record<Kind, number> = { zone: 3, line: 2, mask: 3, ignore: 3 }
const LEAST_AREA = 1e-4 // as the node demands (ingest/camera/settings.py)
const NAME = /^[A-Za-z0-9_-]{1,32}$/
const list = (value: unknown): Loose[] => (Array.isArray(value) ? (value as Loose[]) : [])
const round = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4
const inside = (points: readonly Point[]): Point[] => points.map(([x, y]) => [round(x), round(y)])

export function shape(kind: Kind, name: string, points: Point[], more: Partial<Shape> = {}): Shape {
  return { kind, name, points, watch: ['intrusion'], direction: 'both', loiter_after: 60, left_after: 60, crowd: 8, ...more }
}

export function fromConfig(data: Loose | null | undefined): Shape[] {
  const zones = list(data?.['zones']).map((zone) => shape('zone', String(zone['name']), zone['points'] as Point[], zone as Partial<Shape>))
  const lines = list(data?.['lines']).map((line) => shape('line', String(line['name']), [line['a'], line['b']] as Point[], { direction: (line['direction'] as Shape['direction'] | undefined) ?? 'both' }))
  const areas = (['mask', 'ignore'] as const).flatMap((kind) => list(data?.[kind === 'mask' ? 'masks' : 'ignore']).map((points, n) => shape(kind, `${kind}-${n + 1}`, points as unknown as Point[])))
  return [...zones, ...lines, ...areas]
}

/** The configuration with these shapes in it; whatever else it holds stays. */
export function toConfig(data: Loose | null | undefined, shapes: readonly Shape[]): Loose {
  const of = (kind: Kind): Shape[] => shapes.filter((one) => one.kind === kind)
  return {
    ...data,
    zones: of('zone').map(({ name, points, watch, loiter_after, left_after, crowd }) => ({ name, points: inside(points), watch, loiter_after, left_after, crowd })),
    lines: of('line').map(({ name, points, direction }) => ({ name, a: inside(points)[0], b: inside(points)[1], direction })),
    masks: of('mask').map(({ points }) => inside(points)),
    ignore: of('ignore').map(({ points }) => inside(points)),
  }
}

/** A name that no other shape has: zone-1, zone-2, … */
export function freeName(kind: Kind, shapes: readonly Shape[]): string {
  for (let n = 1; ; n += 1) if (!shapes.some(({ name }) => name === `${kind}-${n}`)) return `${kind}-${n}`
}

export function area(points: readonly Point[]): number {
  return Math.abs(points.reduce((sum, [x, y], n) => sum + x * points[(n + 1) % points.length]![1] - y * points[(n + 1) % points.length]![0], 0)) / 2
}

/** What is wrong, as the key of a sentence, or nothing. */
export function fault(shapes: readonly Shape[]): { key: 'thin' | 'twice' | 'badName'; name: string } | null {
  const named = shapes.filter(({ kind }) => kind === 'zone' || kind === 'line')
  for (const { kind, name, points } of shapes) {
    if (named.filter((one) => one.name === name).length > 1) return { key: 'twice', name }
    if ((kind === 'zone' || kind === 'line') && !NAME.test(name)) return { key: 'badName', name }
    if (kind === 'line' ? points[0]!.join() === points[1]!.join() : area(points) < LEAST_AREA) return { key: 'thin', name }
  }
  return null
}

/** Where an arrow that shows `in` stands: the middle of the line, and a unit step to the right hand of who looks from a to b. */
export function arrow([a, b]: readonly Point[], ratio: number): { from: Point; to: Point } {
  const [ax, ay, bx, by] = [a![0], a![1] * ratio, b![0], b![1] * ratio]
  const length = Math.hypot(bx - ax, by - ay) || 1
  const [x, y] = [(ax + bx) / 2, (ay + by) / 2]
  return { from: [x, y], to: [x - ((by - ay) / length) * 0.06, y + ((bx - ax) / length) * 0.06] }
}

/** The nearest point of all shapes within reach: which shape, which of its points. */
export function nearest(shapes: readonly Shape[], [x, y]: Point, reach: number): { shape: number; point: number } | null {
  let best: { shape: number; point: number } | null = null
  let least = reach
  shapes.forEach(({ points }, s) =>
    points.forEach(([px, py], p) => {
      const far = Math.hypot(px - x, py - y)
      if (far <= least) [best, least] = [{ shape: s, point: p }, far]
    }),
  )
  return best
}
