import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
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

it('builds no row while it scrolls, by a wheel or in leaps, and leaves those in sight alone', async () => {
  open()
  await nextTick()
  await scrollTo(84 * 5000)
  const built = new Set(screen.getAllByTestId('alert-row'))
  const place = new Map(drawn().map((id) => [id, screen.getAllByTestId('alert-row').find((row) => row.dataset['alertId'] === String(id))]))
  await scrollTo(84 * 5001 + 40)
  const kept = screen.getAllByTestId('alert-row').filter((row) => place.get(Number(row.dataset['alertId'])) === row)
  expect(kept.length).toBeGreaterThanOrEqual(built.size - 2)
  for (const top of [84 * 5002 + 60, 84 * 5032, 84 * 9000, 84 * 4 + 10]) await scrollTo(top)
  for (const row of screen.getAllByTestId('alert-row')) expect(built.has(row)).toBe(true)
  expect(screen.getAllByTestId('alert-row')).toHaveLength(built.size)
})

it('gives no other alert the focus when its row is used for another', async () => {
  open()
  await nextTick()
  await scrollTo(84 * 5000)
  const row = screen.getAllByTestId('alert-row')[10]!
  row.focus()
  await scrollTo(84 * 5001)
  expect(document.activeElement).toBe(row)
  await scrollTo(84 * 6000)
  expect(document.activeElement).toBe(document.body)
})

it('makes no format of a time anew for a row', async () => {
  open()
  await nextTick()
  await scrollTo(84 * 100)
  const made = vi.spyOn(Intl, 'DateTimeFormat')
  await scrollTo(84 * 200)
  expect(made).not.toHaveBeenCalled()
})

it('takes the ten thousandth alert no slower than by reading the list once', () => {
  const { alerts } = open()
  const parse = vi.spyOn(Date, 'parse')
  alerts.take({ ...alert(77), version: 2 })
  expect(alerts.active).toHaveLength(COUNT)
  expect(parse.mock.calls.length).toBeLessThanOrEqual(1) // the changed one; the others were read before
})
