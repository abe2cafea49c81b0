import { cleanup, fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import type { Alert } from '@/api/types'
import { cards } from '@/composables/groups'
import { i18n } from '@/i18n'
import { useAlerts } from '@/stores/alerts'

import AlertQueue from './AlertQueue.vue'

const COUNT = 10_000
const WINDOW = 840 // pixels: ten rows
const MOST = 24 // rows drawn: those in sight, and some beyond either edge
const alert = (id: number): Alert => ({ id, severity: 1 + (id % 4), code: 'SEC-005', estate: 'e', place: 'e', state: 'open', raised_at: new Date(Date.UTC(2026, 2, 1) + id * 1000).toISOString(), group_key: '', version: 1, ended_at: null, legal: [], hit_count: 1, lapses: 0 }) as unknown as Alert

beforeEach(() => {
  setActivePinia(createPinia())
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(WINDOW)
  vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockReturnValue(COUNT * 84)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function open() {
  const alerts = useAlerts()
  for (let id = 1; id <= COUNT; id += 1) alerts.take(alert(id))
  const view = render(AlertQueue, { props: { items: cards(alerts.active), selected: null }, global: { plugins: [i18n] } })
  return { alerts, view }
}
const drawn = (): number[] => screen.getAllByTestId('alert-row').map((row) => Number(row.dataset['alertId']))

async function scrollTo(top: number): Promise<void> {
  const scroller = screen.getByTestId('alert-queue')
  scroller.scrollTop = top
  await fireEvent.scroll(scroller)
}

it('keeps a handful of rows whatever the length, wherever it is scrolled to', async () => {
  const { alerts } = open()
  await nextTick()
  for (let index = 0; index <= COUNT - 10; index += 666) {
    await scrollTo(index * 84)
    const rows = drawn()
    expect(rows.length).toBeLessThanOrEqual(MOST)
    const sight = alerts.active.slice(index, index + 10).map(({ id }) => id)
    expect(rows).toEqual(expect.arrayContaining(sight))
  }
})

it('moves only what came into sight when it scrolls by a row', async () => {
  open()
  await nextTick()
  await scrollTo(84 * 5000)
  const before = new Set(screen.getAllByTestId('alert-row'))
  await scrollTo(84 * 5001)
  const fresh = screen.getAllByTestId('alert-row').filter((row) => !before.has(row))
  expect(fresh.length).toBeLessThanOrEqual(2)
})

it('takes the ten thousandth alert no slower than by reading the list once', () => {
  const { alerts } = open()
  const parse = vi.spyOn(Date, 'parse')
  alerts.take({ ...alert(77), version: 2 })
  expect(alerts.active).toHaveLength(COUNT)
  expect(parse.mock.calls.length).toBeLessThanOrEqual(1) // the changed one; the others were read before
})
