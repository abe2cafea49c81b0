import { screen } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useCatalogue } from '@/stores/catalogue'
import { show, stopClock } from '@/testing'

import SlaClock from './SlaClock.vue'

const NOW = '2026-03-01T12:00:00Z'
beforeEach(() => stopClock(NOW))
const ago = (seconds: number) => new Date(Date.parse(NOW) - seconds * 1000).toISOString()

async function clock(raised: number, more: object = {}, limit: number | null = 100) {
  show(SlaClock, { props: { alert: { code: 'FIRE-001', raised_at: ago(raised), acked_at: null, ended_at: null, ...more } } })
  useCatalogue().words = { alerts: [{ code: 'FIRE-001', sla: { accept_s: limit } }] } as never
  await nextTick()
  return screen.queryAllByTestId('sla-clock').at(-1)
}

it('counts down, and warns where less than a fifth is left', async () => {
  const calm = await clock(40)
  expect(calm!.textContent).toBe('剩 1:00')
  expect(calm!.className).toContain('running')
  expect((await clock(90))!.className).toContain('soon')
})

it('says how late it is, with a full ring, and how long it took once somebody came', async () => {
  const late = await clock(130)
  expect(late!.textContent).toBe('超时 0:30')
  expect(late!.querySelector('[stroke-dasharray]')!.getAttribute('stroke-dasharray')).toBe('100 100')
  const met = await clock(130, { acked_at: ago(100) })
  expect(met!.textContent).toBe('接警用时 30 秒')
  expect(met!.querySelector('svg')).toBeNull()
})

it('is silent where nothing was promised, or where it ended by itself', async () => {
  expect(await clock(40, {}, null)).toBeUndefined()
  expect(await clock(40, { ended_at: ago(1) })).toBeUndefined()
})
