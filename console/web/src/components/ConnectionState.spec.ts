import { render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'

import type { Kpi } from '@/api/types'
import { i18n } from '@/i18n'
import { useFeed } from '@/stores/feed'
import { useKpi } from '@/stores/kpi'

import ConnectionState from './ConnectionState.vue'

beforeEach(() => setActivePinia(createPinia()))

function shown(lag_s: number, ok: boolean, waiting = 0): { state: string | undefined; text: string } {
  useFeed().heard(null)
  useKpi().figures = { ingest: { clock: null, lag_s, ok, waiting } } as Kpi
  render(ConnectionState, { global: { plugins: [i18n] } })
  const bar = screen.getByTestId('connection')
  return { state: bar.dataset['state'], text: bar.textContent }
}

it('is calm while devices are heard at once', () => {
  expect(shown(1.2, true).state).toBe('live')
})

it('says how far judgement is behind while messages wait', () => {
  const { state, text } = shown(12.4, true)
  expect(state).toBe('ingestBehind')
  expect(text).toContain('12')
})

it('says how many messages wait where that is known', () => {
  expect(shown(12.4, true, 31_500).text).toMatch(/31,500.*12/)
})

it('says so more loudly where alerts are late', () => {
  const { state, text } = shown(95, false)
  expect(state).toBe('ingestBad')
  expect(text).toContain('95')
})
