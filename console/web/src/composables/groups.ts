import type { Alert } from '@/api/types'

/** Figures that an alert carries where correlation put them there. */
interface Correlated {
  group_key?: string | null
  confidence?: number | null
  muted_until?: string | null
}

export const correlated = (alert: Alert): Correlated => alert as Alert & Correlated

/** One card of the queue: an alert, and the others that are about the same thing. */
export interface Card {
  alert: Alert
  others: Alert[]
}

/** Alerts of one group as one card, led by the first in the list's own order. */
export function cards(alerts: readonly Alert[]): Card[] {
  const made: Card[] = []
  const byGroup = new Map<string, Card>()
  for (const alert of alerts) {
    const key = correlated(alert).group_key
    const card = key ? byGroup.get(key) : undefined
    if (card) card.others.push(alert)
    else {
      const fresh = { alert, others: [] }
      made.push(fresh)
      if (key) byGroup.set(key, fresh)
    }
  }
  return made
}
