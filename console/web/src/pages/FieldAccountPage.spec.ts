import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { useSession } from '@/stores/session'

import FieldAccountPage from './FieldAccountPage.vue'

const me = { name: 'zhou', display_name: '周网格', role: 'field', scope: 'EST1', owes: '' } as const
const account = { second_factor: false, owes: '', tokens: [{ id: 1, title: '备用手机', may_write: false, expires_at: '2027-01-01T00:00:00+08:00' }], sessions: [{ id: 1, used_at: '2026-11-01T00:00:00+08:00', source: '10.0.0.1', current: true }] }
const said = (data: unknown) => Promise.resolve({ data, response: new Response(null) })
vi.mock('@/composables/useFieldSync', () => ({ useFieldSync: () => ({ orders: [], unsent: 0 }) }))

function signedIn(owes: '' | 'password'): ReturnType<typeof createPinia> {
  sessionStorage.setItem('shequ.session', '1')
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.signedIn = true
  session.me = { ...me, owes }
  return pinia
}

beforeEach(() => {
  vi.spyOn(api, 'GET').mockImplementation(((path: string) => said(path === '/api/account' ? account : me)) as never)
})

it('shows field staff their password, second factor, tokens and sessions, and changes the password', async () => {
  const pinia = signedIn('')
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said({})) as never)
  await router.push('/field/account')
  expect(router.currentRoute.value.name).toBe('field-account')
  render(FieldAccountPage, { global: { plugins: [i18n, pinia, router] } })
  await waitFor(() => expect(screen.getByTestId('token-row').textContent).toContain('备用手机'))
  expect(screen.getByTestId('session-row')).toBeDefined()
  await fireEvent.update(screen.getByTestId('password-old'), 'outside in the rain 7')
  await fireEvent.update(screen.getByTestId('password-new'), 'outside in the sun 8')
  await fireEvent.submit(screen.getByTestId('password-change').closest('form')!)
  await waitFor(() => expect(post.mock.calls[0]).toMatchObject(['/api/account/password', { body: { old: 'outside in the rain 7', new: 'outside in the sun 8' } }]))
})

it('leads whoever owes a new password there from every page of the phone', async () => {
  signedIn('password')
  for (const page of ['/field', '/field/order/7', '/watch']) {
    await router.push(page)
    expect(router.currentRoute.value.name).toBe('field-account')
  }
})
