import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'

import { useHolds, type HoldNews } from './holds'
import { useSession } from './session'

const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
const news = (who: string, alert: number, until: string | null): HoldNews => ({ who, name: who, alert, incident: alert * 10, place: 'p', since: at(-5), until })

beforeEach(() => setActivePinia(createPinia()))

it('names the others who have an alert open, until they go elsewhere or their time is over', () => {
  const holds = useHolds()
  useSession().me = { name: 'wang' } as never
  for (const one of [news('wang', 1, at(60)), news('li', 1, at(60)), news('zhao', 1, at(-1))]) holds.take(one)
  expect(holds.others(1).map(({ who }) => who)).toEqual(['li'])
  holds.take(news('li', 2, at(60)))
  holds.take(news('li', 1, null)) // the old one's end may come after the new one's beginning
  expect([holds.others(1), holds.others(2).map(({ who }) => who)]).toEqual([[], ['li']])
  expect([holds.ofCase(10), holds.ofCase(20).map(({ who }) => who)]).toEqual([[], ['li']])
  holds.take(news('li', 2, null))
  expect(holds.others(2)).toEqual([])
})
