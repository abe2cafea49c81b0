import { cleanup, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { SelfCheck } from '@/api/types'
import { i18n } from '@/i18n'

import SelfCheckPage from './SelfCheckPage.vue'

const AT = '2026-01-01T00:00:00Z'
const WELL = { estate: 'E1', name_zh: '沱水小区', name_en: 'Tuoshui', sent_at: AT, judged_s: 0.03, shown_s: 0.06, posted_s: 0.5, told_s: 1.2, since: null, stops_at: null, told_at: null, problem: null }
const CHECK: SelfCheck = {
  watch: { at: AT, lag_s: 1, ok: true, channel: 'webhook', heartbeat_at: null },
  canaries: [WELL, { ...WELL, estate: 'E2', judged_s: null, shown_s: null, posted_s: null, told_s: null, since: AT, stops_at: 'ingest', problem: 'HTTP 500' }],
  invariants: [{ name: 'timers_late', count: 0, since: null, alarmed_at: null, at: AT }, { name: 'letters_late', count: 3, since: AT, alarmed_at: AT, at: AT }],
  findings: [{ name: 'part/duty', since: AT, told_at: AT, problem: null }],
  quarantine: { bytes: 3 * 2 ** 20, limit_bytes: 2 ** 30, full_since: null, folded: 12345 },
}

function page(check: SelfCheck): void {
  const pinia = createPinia()
  setActivePinia(pinia)
  vi.spyOn(api, 'GET').mockResolvedValue({ data: check, response: new Response(null) } as never)
  render(SelfCheckPage, { global: { plugins: [i18n, pinia] } })
}

it('says where a canary stopped, and that nobody could be told', async () => {
  page(CHECK)
  const [well, stopped] = await screen.findAllByTestId('canary')
  expect(well!.textContent).toContain('0.06')
  expect(well!.dataset['bad']).toBe('false')
  expect(stopped!.dataset['bad']).toBe('true')
  expect(stopped!.textContent).toContain('HTTP 500')
})

it('marks the counts that are not zero, and what else is wrong', async () => {
  page(CHECK)
  const rows = await screen.findAllByTestId('invariant')
  expect(rows.map((row) => row.dataset['bad'])).toEqual(['false', 'true'])
  expect(screen.getAllByTestId('finding')).toHaveLength(1)
  expect(screen.queryByTestId('watch-silent')).toBeNull()
  expect(screen.getByTestId('quarantine-room').textContent).toMatch(/3 MiB.*1,024 MiB.*12,345/)
})

it('does not look calm where the watch is silent, or has nobody to tell', async () => {
  page({ ...CHECK, watch: { ...CHECK.watch, ok: false } })
  expect(await screen.findByTestId('watch-silent')).toBeTruthy()
  cleanup()
  page({ ...CHECK, watch: { ...CHECK.watch, channel: '' } })
  expect(await screen.findByTestId('watch-mute')).toBeTruthy()
})
