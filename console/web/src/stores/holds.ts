import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'

import { api, ask } from '@/api/client'
import type { AlertHold } from '@/api/types'
import { useNow } from '@/composables/useNow'

import { useSession } from './session'

/** What the feed says of a hold; without `until` it was let go. */
export type HoldNews = Omit<AlertHold, 'until' | 'since'> & { until: string | null; since: string | null }

/** Who has which alert open: one each, and over when it is not renewed. */
export const useHolds = defineStore('holds', () => {
  const byWho = shallowReactive(new Map<string, AlertHold>())
  const session = useSession()
  const now = useNow()

  function take(news: HoldNews): void {
    if (news.until !== null) byWho.set(news.who, news as AlertHold)
    else if (byWho.get(news.who)?.alert === news.alert) byWho.delete(news.who)
  }

  async function refresh(): Promise<void> {
    const { items } = await ask(api.GET('/api/holds'))
    byWho.clear()
    for (const hold of items) byWho.set(hold.who, hold)
  }

  const those = (about: (hold: AlertHold) => boolean): AlertHold[] =>
    [...byWho.values()].filter((hold) => about(hold) && hold.who !== session.me?.name && Date.parse(hold.until) > now.value)

  /** The others who have this alert open. */
  const others = (alert: number): AlertHold[] => those((hold) => hold.alert === alert)

  /** The others who have an alert of this case open. */
  const ofCase = (incident: number): AlertHold[] => those((hold) => hold.incident === incident)

  const open = (alert: number): Promise<unknown> => ask(api.PUT('/api/alerts/{alert_id}/hold', { params: { path: { alert_id: alert } } }))
  const release = (): Promise<unknown> => ask(api.POST('/api/holds/release', { keepalive: true }))

  return { byWho, take, refresh, others, ofCase, open, release }
})
