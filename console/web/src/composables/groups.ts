import type { Alert } from '@/api/types'

/** One card of the queue: an alert, and the others that are about the same thing. */
export interface Card {
  alert: Alert
  others: Alert[]
}

/** Alerts as the server groups them (one building, one hazard), a card each, led by the first in the list's own order. */
export function cards(alerts: readonly Alert[]): Card[] {
  const made: Card[] = []
  const byGroup = new Map<string, Card>()
  for (const alert of alerts) {
    const key = alert.group_key
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
