import { fireEvent, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useField } from '@/stores/field'
import { serve, show } from '@/testing'

import FieldPage from './FieldPage.vue'

vi.mock('@/composables/useFieldSync', async () => ({ useFieldSync: (await import('@/stores/field')).useField }))
const stubs = { FieldBar: true, FieldNotices: true, FieldOrderCard: { template: '<i data-testid="order">{{ order.id }}</i>', props: ['order'] } }
const open = () => show(FieldPage, { role: 'field', stubs })

it('puts the gravest order first, then the oldest', async () => {
  open()
  expect(screen.getByTestId('field-empty').textContent).toBe('现在没有工单')
  const order = (id: number, severity: number, hour: number) => ({ id, severity, sent_at: `2026-03-01T0${hour}:00:00Z` })
  useField().orders = [order(1, 3, 1), order(2, 1, 3), order(3, 1, 2)] as never
  await nextTick()
  expect(screen.getAllByTestId('order').map((one) => one.textContent)).toEqual(['3', '2', '1'])
  expect(screen.queryByTestId('field-empty')).toBeNull()
})

it('lets nobody leave while something of theirs is not sent', async () => {
  const { calls } = serve({ 'POST /api/logout': {} })
  open()
  const leave = screen.getByTestId('field-logout') as HTMLButtonElement
  useField().waiting = [{ key: 'k', user: 'me', order: 1, incident: 1, at: '', action: 'arrive' }]
  await nextTick()
  expect(leave.disabled).toBe(true)
  useField().waiting = []
  await nextTick()
  await fireEvent.click(leave)
  expect(calls('POST')[0]![0]).toBe('/api/logout')
})
