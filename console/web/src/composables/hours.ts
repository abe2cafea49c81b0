/**
 * Armed hours as the rules keep them (`rules/schedule.py`) and as a week grid shows them.
 *
 * Kept: kinds of day with spans, "22:00-06:00" going on into the next day. Shown: seven rows from Monday, each
 * cut into steps, and a row for public holidays where these have hours of their own.
 */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const KINDS: readonly string[] = ['daily', 'workday', 'weekend', 'holiday', ...DAYS]
export const STEPS = [60, 30, 15] as const
const DAY = 24 * 60

export type Hours = Record<string, string[]>
export interface Week {
  step: number // minutes in a cell
  days: boolean[][] // seven rows, Monday first
  holiday: boolean[] | null // none: a holiday is like the weekday it falls on
}
interface Span {
  start: number
  end: number // beyond a day: goes on into the next
}

function spanOf(text: string): Span | undefined {
  const found = /^\s*(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)\s*$/.exec(text)
  if (!found) return undefined
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number) as [number, number, number, number]
  const [start, end] = [(fromHour * 60 + fromMinute) % DAY, (toHour * 60 + toMinute) % DAY]
  return { start, end: end > start ? end : end + DAY }
}

/** Whether a parameter's value is armed hours. */
export function isHours(value: unknown): value is Hours {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const rows = Object.entries(value)
  return rows.length > 0 && rows.every(([kind, spans]) => KINDS.includes(kind) && Array.isArray(spans) && spans.every((one) => typeof one === 'string' && spanOf(one)))
}

/** The spans of an ordinary day: the most special kind that is named decides. */
const spansOn = (hours: Hours, kinds: readonly string[]): Span[] => (hours[kinds.find((kind) => kind in hours) ?? ''] ?? []).flatMap((text) => spanOf(text) ?? [])
const ordinary = (hours: Hours, day: number): Span[] => spansOn(hours, [day < 5 ? 'workday' : 'weekend', DAYS[day]!, 'daily'])
const onHoliday = (hours: Hours, day: number): Span[] => spansOn(hours, ['holiday', DAYS[day]!, 'daily'])

/** One row: its own spans and what the day before sends over midnight. */
function row(own: readonly Span[], before: readonly Span[], step: number): boolean[] {
  const spans = [...own, ...before.map(({ start, end }) => ({ start: start - DAY, end: end - DAY }))]
  return Array.from({ length: DAY / step }, (_, cell) => spans.some(({ start, end }) => start <= cell * step && cell * step < end))
}

const same = (one: readonly boolean[], other: readonly boolean[]): boolean => one.every((cell, n) => cell === other[n])

/** The grid of kept hours, in steps no finer than they need; none where a quarter of an hour is too coarse. */
export function weekOf(hours: Hours, coarsest = 60): Week | undefined {
  const edges = Object.values(hours).flat().flatMap((text) => Object.values(spanOf(text) ?? {}))
  const step = STEPS.find((one) => one <= coarsest && edges.every((edge) => edge % one === 0))
  if (!step) return undefined
  const days = DAYS.map((_, day) => row(ordinary(hours, day), ordinary(hours, (day + 6) % 7), step))
  const holidays = DAYS.map((_, day) => row(onHoliday(hours, day), onHoliday(hours, (day + 6) % 7), step))
  const like = !('holiday' in hours) && days.every((cells, day) => same(cells, holidays[day]!))
  return { step, days, holiday: like ? null : holidays[0]! }
}

const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

function runs(cells: readonly boolean[], step: number): Span[] {
  const edges = cells.flatMap((cell, n) => (cell !== (n > 0 && cells[n - 1]!) ? [n * step] : []))
  if (cells.at(-1)) edges.push(DAY)
  return edges.flatMap((start, n) => (n % 2 === 0 ? [{ start, end: edges[n + 1]! }] : []))
}

/** Spans that meet at midnight become one that begins the evening before. */
function joined(week: readonly Span[][]): Span[][] {
  const over = week.map((spans, day) => {
    const [evening, morning] = [spans.at(-1), week[(day + 1) % 7]![0]]
    return evening && morning && evening.end === DAY && evening.start > 0 && morning.start === 0 && morning.end <= evening.start ? morning.end : 0
  })
  return week.map((spans, day) =>
    spans.filter(({ start }) => !(start === 0 && over[(day + 6) % 7])).map(({ start, end }) => ({ start, end: end === DAY && over[day] ? DAY + over[day] : end })),
  )
}

const written = (spans: readonly Span[]): string[] => spans.map(({ start, end }) => `${clock(start)}-${end > DAY ? clock(end - DAY) : clock(end)}`)

/** The hours that a grid means, in as few words as the rules allow. */
export function hoursOf(week: Week): Hours {
  const spans = week.days.map((cells) => runs(cells, week.step))
  // a span that goes on after midnight belongs to the day it begins on: cut there, it would end on the eve of a holiday
  const rows = joined(spans).map(written)
  const alike = (from: number, to: number): boolean => rows.slice(from, to).every((one) => String(one) === String(rows[from]))
  const holiday: Hours = week.holiday ? { holiday: written(joined(Array<Span[]>(7).fill(runs(week.holiday, week.step)))[0]!) } : {}
  if (alike(0, 7)) return { daily: rows[0]!, ...holiday }
  if (week.holiday && alike(0, 5) && alike(5, 7)) return { workday: rows[0]!, weekend: rows[5]!, ...holiday }
  return { ...Object.fromEntries(DAYS.map((day, n) => [day, rows[n]!])), ...holiday }
}

export interface Spot {
  column: number
  cell: number
}

/** Cells with the rectangle between two of them switched on or off. */
export function painted(columns: readonly (readonly boolean[])[], from: Spot, to: Spot, on: boolean): boolean[][] {
  const between = (n: number, one: number, other: number): boolean => Math.min(one, other) <= n && n <= Math.max(one, other)
  return columns.map((cells, column) => cells.map((cell, n) => (between(column, from.column, to.column) && between(n, from.cell, to.cell) ? on : cell)))
}

const MOVES: Record<string, (spot: Spot, last: Spot) => Spot> = {
  ArrowUp: ({ column, cell }) => ({ column, cell: Math.max(0, cell - 1) }),
  ArrowDown: ({ column, cell }, last) => ({ column, cell: Math.min(last.cell, cell + 1) }),
  ArrowLeft: ({ column, cell }) => ({ column: Math.max(0, column - 1), cell }),
  ArrowRight: ({ column, cell }, last) => ({ column: Math.min(last.column, column + 1), cell }),
  Home: ({ column }) => ({ column, cell: 0 }),
  End: ({ column }, last) => ({ column, cell: last.cell }),
}

/** Where a key leads from a cell; none: it is no key of the grid. */
export const moved = (key: string, spot: Spot, last: Spot): Spot | undefined => MOVES[key]?.(spot, last)

/** The hours of one day that is like every other, as a camera keeps them. */
export const dayOf = (spans: readonly string[]): Week | undefined => weekOf({ daily: [...spans] })
export const spansOf = (cells: readonly boolean[], step: number): string[] => hoursOf({ step, days: Array<boolean[]>(7).fill([...cells]), holiday: null })['daily']!
