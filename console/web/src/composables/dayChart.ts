/** What a chart of days shows, in this order. */
export const SERIES = ['would', 'live', 'stored'] as const

const DAY = 86_400_000
/** Days are counted as people there count them. */
const ZONE = 8 * 3_600_000

/** Every day of a span by its date, those without an alert too; 92 at most. */
export function daysBetween(start: string, end: string): string[] {
  const date = (at: number): string => new Date(at + ZONE).toISOString().slice(0, 10)
  const [first, last] = [Date.parse(start), date(Date.parse(end))]
  const days: string[] = []
  for (let at = first; days.length < 92; at += DAY) {
    const day = date(at)
    if (day > last) break
    days.push(day)
  }
  return days
}

/** Round figures from 0 to at least `most`, four steps or fewer. */
export function ticks(most: number): number[] {
  const rough = Math.max(1, most / 4)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough)!
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step)
}
