import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Me } from '@/api/types'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import QuarantinePage from './QuarantinePage.vue'

vi.mock('vue-router', () => ({ useRoute: () => ({ name: 'quarantine' }) }))

const ROW = { id: 1, received_at: '2026-01-01T00:00:00Z', topic: 'shequ/v1/e1/x/event', stage: 'decode', reason: 'not_json', detail: '', size: 3, state: 'aside' }

function page(role: Me['role']): void {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { role } as Me
  vi.spyOn(api, 'GET').mockResolvedValue({ data: { items: [ROW, { ...ROW, id: 2, state: 'read' }], next: null }, response: new Response(null) } as never)
  render(QuarantinePage, { global: { plugins: [i18n, pinia], stubs: { RouterLink: true, FoldedMessages: true } } })
}

it('sends what is picked to be read again, and says what was not taken', async () => {
  page('system_admin')
  const post = vi.spyOn(api, 'POST').mockResolvedValue({ data: { asked: [1], refused: {} }, response: new Response(null) } as never)
  const [first, second] = await screen.findAllByTestId<HTMLInputElement>('quarantine-pick')
  expect(second!.disabled).toBe(true)
  await fireEvent.click(first!)
  await fireEvent.click(screen.getByTestId('quarantine-again'))
  expect((await screen.findByTestId('quarantine-said')).textContent).toContain('1')
  expect((post.mock.calls[0]![1] as unknown as { body: unknown }).body).toEqual({ ids: [1] })
})

it('lets developers look, not send', async () => {
  page('developer')
  await screen.findAllByTestId('quarantine-row')
  expect(screen.queryByTestId('quarantine-again')).toBeNull()
  expect(screen.queryByTestId('quarantine-pick')).toBeNull()
})
