const DAY = 86_400_000

/** The Monday of a day's week at midnight, by the reader's clock. */
export function mondayOf(day: Date): Date {
  const midnight = new Date(day.getFullYear(), day.getMonth(), day.getDate())
  return plusDays(midnight, -((midnight.getDay() + 6) % 7))
}

export function plusDays(day: Date, n: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + n)
}

interface Span {
  starts: string
  ends: string
}

/** What begins on a day, or goes on into it from before the week. */
export function onDay<T extends Span>(spans: readonly T[], day: Date, first: boolean): T[] {
  const [start, end] = [day.getTime(), day.getTime() + DAY]
  return spans.filter((span) => {
    const [from, until] = [Date.parse(span.starts), Date.parse(span.ends)]
    return (from >= start && from < end) || (first && from < start && until > start)
  })
}

/** The parts of longer spans that lie in a day. */
export function partsOf<T extends Span>(spans: readonly T[], day: Date): T[] {
  const [start, end] = [day.getTime(), plusDays(day, 1).getTime()]
  return spans
    .filter((span) => Date.parse(span.starts) < end && Date.parse(span.ends) > start)
    .map((span) => ({ ...span, starts: new Date(Math.max(start, Date.parse(span.starts))).toISOString(), ends: new Date(Math.min(end, Date.parse(span.ends))).toISOString() }))
}
