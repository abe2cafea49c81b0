import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'

import DeletionProofs from './DeletionProofs.vue'

const proof = { id: 7, at: '2026-03-01T03:00:00+08:00', class: 'positions', what: 'rows', before: '2026-02-01T03:00:00+08:00', rows: 12, digest: 'd1', hash: 'h7' }

it('shows what was deleted, and says where the proofs were changed', async () => {
  const answers: Record<string, unknown> = {
    '/api/audit/deletions': { items: [proof], next: null },
    '/api/audit/deletions/verdict': { proofs: 1, rows: 12, head: 'h7', findings: ['proof 7 of positions'] },
  }
  vi.spyOn(api, 'GET').mockImplementation(((path: string) => Promise.resolve({ data: answers[path], response: new Response(null) })) as never)
  render(DeletionProofs, { global: { plugins: [i18n, createPinia()] } })
  const row = await screen.findByTestId('deletion-row')
  expect(row.textContent).toContain('positions')
  expect(row.textContent).toContain('12')
  await fireEvent.click(screen.getByTestId('deletions-verify'))
  const verdict = await screen.findByTestId('deletions-verdict')
  expect(verdict.textContent).toContain('1 处不符')
  expect(verdict.textContent).toContain('proof 7 of positions')
  expect(verdict.textContent).not.toContain('删除证明完整')
})
