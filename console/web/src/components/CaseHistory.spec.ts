import { render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { PastAlert } from '@/api/types'
import { i18n } from '@/i18n'

import CaseHistory from './CaseHistory.vue'

const past = (id: number, more: Partial<PastAlert> = {}): PastAlert => ({ id, code: 'FIRE-001', severity: 1, state: 'closed', place: 'p', device: 'd', raised_at: '2026-03-01T03:00:00+08:00', ended_at: '2026-03-01T04:00:00+08:00', outcome: null, cause: null, drill: false, ...more })

it('counts the false alarms of the device, names their cause, and shows the newest only', async () => {
  const device = [...Array.from({ length: 8 }, (_, n) => past(n, { outcome: 'false_alarm', cause: 'cooking', state: 'false_alarm' })), past(9)]
  vi.spyOn(api, 'GET').mockResolvedValue({ data: { days: 30, device, place: [] }, response: new Response(null) } as never)
  render(CaseHistory, { props: { alert: 1 }, global: { plugins: [i18n, createPinia()], stubs: { RouterLink: { template: '<a><slot /></a>' } } } })
  expect((await screen.findByTestId('history-false')).textContent).toBe('误报 8 条')
  expect(screen.getAllByTestId('history-row')).toHaveLength(6)
  expect(screen.getAllByTestId('history-row')[0]!.className).toContain('wrong')
  expect(screen.getAllByTestId('history-row')[0]!.textContent).toContain('cooking')
  expect(screen.getByTestId('history-place').textContent).toContain('没有告警')
})
