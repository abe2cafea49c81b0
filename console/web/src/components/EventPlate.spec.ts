import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'

import { api } from '@/api/client'
import type { Event } from '@/api/types'
import { provideCase } from '@/composables/useCaseInHand'
import { i18n } from '@/i18n'
import { type Role, useSession } from '@/stores/session'

import EventPlate from './EventPlate.vue'

const event = { device: 'barrier', id: 'p1', at: '2026-03-01T03:00:00+08:00', received_at: '2026-03-01T03:00:00+08:00', committed_at: '2026-03-01T03:00:00+08:00', type: 'gate.pass', flags: [], data: { plate: '川A****5' } } as unknown as Event
const said = (data: unknown) => Promise.resolve({ data, response: new Response(null) })

function shown(role: Role, about: Event = event): void {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { name: 'wang', display_name: 'wang', role, scope: null, owes: '' }
  render(EventPlate, { props: { event: about }, global: { plugins: [i18n, pinia] } })
}

it('asks why, shows what the server opened, and hides it at the end of its time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  const until = new Date(Date.now() + 120_000).toISOString()
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said({ reveal: 7, until })) as never)
  vi.spyOn(api, 'GET').mockImplementation((() => said({ fields: { plate: '川A12345' }, until })) as never)
  shown('operator')
  await fireEvent.click(screen.getByTestId('plate-reveal'))
  await fireEvent.update(screen.getByTestId('confirm-reason'), '协查肇事车辆')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  await vi.waitFor(() => expect(screen.getByTestId('plate-whole').textContent).toBe('川A12345'))
  expect(post.mock.calls[0]).toMatchObject(['/api/devices/{device_id}/events/{event_id}/plate', { params: { path: { device_id: 'barrier', event_id: 'p1' } }, body: { reason: '协查肇事车辆' } }])
  vi.advanceTimersByTime(120_001)
  vi.useRealTimers()
  await waitFor(() => expect(screen.queryByTestId('plate-whole')).toBeNull())
})

it('is offered where there is a plate, and to whom the server opens one', () => {
  shown('operator', { ...event, data: { method: 'card' } } as unknown as Event)
  shown('developer')
  expect(screen.queryByTestId('plate-reveal')).toBeNull()
})

it('takes the case in hand as the reason, which anybody may write over', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { name: 'wang', display_name: 'wang', role: 'operator', scope: null, owes: '' }
  const Desk = defineComponent({
    setup() {
      provideCase(() => '处置警情 12')
      return () => h(EventPlate, { event })
    },
  })
  render(Desk, { global: { plugins: [i18n, pinia] } })
  await fireEvent.click(screen.getByTestId('plate-reveal'))
  expect((screen.getByTestId('confirm-reason') as HTMLInputElement).value).toBe('处置警情 12')
})
