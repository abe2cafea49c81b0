import { expect, it } from 'vitest'

import { show } from '@/testing'

import ClockChip from './ClockChip.vue'

const at = (seconds: number) => new Date(Date.now() + seconds * 1000 + 500).toISOString()
const clock = (name: string, due: number, more = {}) => ({ clock: name, began_at: at(-3600), amber_at: at(due - 60), due_at: at(due), supervise_at: at(due + 600), met_at: null, breached_at: null, running: true, spent_s: 0, limit_s: 60, ...more })
const said = (clocks: object[], paused_at: string | null = null) => {
  const { container, unmount } = show(ClockChip, { props: { incident: { clocks, paused_at } } })
  const chip = container.querySelector('.chip-clock')!
  const told = [chip.textContent, chip.className.replace('chip-clock', '').trim()]
  unmount()
  return told
}

it('shows the promise that runs out first', () => {
  const [text, tone] = said([clock('close', 86_400 * 3), clock('arrive', 300), clock('sign', 10, { met_at: at(-5) })])
  expect(text).toMatch(/^到场 剩 [45]:\d\d$/)
  expect(tone).toBe('calm')
})

it('says how long it is overdue, days in days', () => {
  expect(said([clock('arrive', -65)])).toEqual([expect.stringMatching(/^到场 超时 1:0\d$/), 'red'])
  expect(said([clock('arrive', -90_000)])).toEqual([expect.stringMatching(/^到场 超时 1 ?天/), 'supervise'])
})

it('stands still while the case does, and is a dash without a promise', () => {
  expect(said([clock('arrive', 300, { running: false })], at(-60))[0]).toBe('已暂停')
  expect(said([])[0]).toBe('—')
})
