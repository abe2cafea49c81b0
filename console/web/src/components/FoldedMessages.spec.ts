import { render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { FoldedRow } from '@/api/types'
import { i18n } from '@/i18n'

import FoldedMessages from './FoldedMessages.vue'

const AT = '2026-01-01T00:00:00Z'
const ROW: FoldedRow = { day: '2026-01-01', topic: 'shequ/v1/e1/x/event', stage: 'decode', reason: 'not_json', count: 12345, bytes: 9, digest: '7', head: '{broken', detail: '', first_at: AT, last_at: AT }

function list(rows: FoldedRow[]): void {
  const pinia = createPinia()
  setActivePinia(pinia)
  vi.spyOn(api, 'GET').mockResolvedValue({ data: rows, response: new Response(null) } as never)
  render(FoldedMessages, { global: { plugins: [i18n, pinia] } })
}

it('says how many of a topic were only counted, and how the first began', async () => {
  list([ROW])
  const row = await screen.findByTestId('folded')
  expect(row.textContent).toContain('12,345')
  expect(row.textContent).toContain('{broken')
})

it('shows nothing where quarantine had room for all', async () => {
  list([])
  await vi.waitFor(() => expect(api.GET).toHaveBeenCalled())
  expect(screen.queryByTestId('folded')).toBeNull()
})
