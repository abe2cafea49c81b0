import { render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Incident } from '@/api/types'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { useHolds } from '@/stores/holds'
import { useSession } from '@/stores/session'

import IncidentsPage from './IncidentsPage.vue'

const incident = (id: number): Incident =>
  ({ id, case_code: `c${id}`, severity: 2, state: 'dispatched', estate: 'EST1', place: 'B1', lead_org: 'PM', opened_at: '2026-03-01T03:00:00+08:00', closed_at: null, version: 1, clocks: [] }) as never

beforeEach(() => {
  setActivePinia(createPinia())
  vi.spyOn(api, 'GET').mockResolvedValue({ data: { items: [incident(1), incident(2)], next: null }, response: new Response() } as never)
})

it('says on the row of a case who else has it open', async () => {
  useSession().me = { name: 'wang', role: 'operator' } as never
  const until = new Date(Date.now() + 60_000).toISOString()
  useHolds().take({ who: 'li', name: '李敏', alert: 7, incident: 2, place: 'B1', since: until, until })
  render(IncidentsPage, { global: { plugins: [i18n, router] } })
  await waitFor(() => expect(screen.getAllByTestId('incident-row')).toHaveLength(2))
  const held = screen.getAllByTestId('case-row-held')
  expect(held).toHaveLength(1)
  expect(held[0]!.closest('tr')!.dataset['incidentId']).toBe('2')
  expect(held[0]!.textContent).toContain('李敏')
})
