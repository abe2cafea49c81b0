import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Alert } from '@/api/types'
import { cards } from '@/composables/groups'
import { useSelection } from '@/composables/useSelection'
import { i18n } from '@/i18n'
import { useAlerts } from '@/stores/alerts'

import BulkAcknowledge from './BulkAcknowledge.vue'

const alert = (id: number, severity: number): Alert => ({ id, severity, code: 'SEC-005', estate: 'e', place: 'e', state: 'open', raised_at: '2026-03-01T03:00:00+08:00', group_key: '', version: 1, ended_at: null, legal: ['acknowledge'] }) as Alert

beforeEach(() => {
  setActivePinia(createPinia())
  HTMLDialogElement.prototype.showModal = vi.fn()
  HTMLDialogElement.prototype.close = vi.fn()
})

function chosen(...of: Alert[]) {
  const alerts = useAlerts()
  for (const one of of) alerts.take(one)
  const list = cards(alerts.active)
  const selection = useSelection(() => list)
  for (const card of list) selection.toggle(card)
  return render(BulkAcknowledge, { props: { selection }, global: { plugins: [i18n] } })
}
const asked = (post: { mock: { calls: unknown[][] } }): unknown => (post.mock.calls[0]![1] as { body: unknown }).body
const go = async (): Promise<void> => void (await fireEvent.submit(screen.getByTestId('bulk-go').closest('form')!))

it('leaves severity 1 out unless somebody ticks it, and says so', async () => {
  const post = vi.spyOn(api, 'POST').mockResolvedValue({ data: { items: [] }, response: new Response(null) } as never)
  chosen(alert(1, 1), alert(2, 3))
  await fireEvent.click(screen.getByTestId('bulk-ask'))
  expect(screen.getByTestId('bulk').textContent).toContain('仍在响铃')
  await go()
  expect(asked(post)).toEqual({ alerts: [2], grave: false })
})

it('includes severity 1 where it is ticked, and tells the fate of each that was not done', async () => {
  const rows = [{ id: 1, result: 'done' }, { id: 2, result: 'beaten', last: { actor: 'li', action: 'acknowledge', at: '' } }]
  const post = vi.spyOn(api, 'POST').mockResolvedValue({ data: { items: rows }, response: new Response(null) } as never)
  chosen(alert(1, 1), alert(2, 3))
  await fireEvent.click(screen.getByTestId('bulk-ask'))
  await fireEvent.click(screen.getByTestId('bulk-grave'))
  await go()
  expect(asked(post)).toEqual({ alerts: [1, 2], grave: true })
  const left = await screen.findByTestId('bulk-left')
  expect(left.dataset['result']).toBe('beaten')
  expect(left.textContent).toContain('li')
})
