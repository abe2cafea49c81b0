import { screen } from '@testing-library/vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useSession } from '@/stores/session'
import { show } from '@/testing'

import App from './App.vue'

vi.mock('@/components/WatchDesk.vue', () => ({ default: { template: '<p>watch desk</p>' } }))
vi.mock('@/components/PlainDesk.vue', () => ({ default: { template: '<p>plain desk</p>' } }))

beforeEach(() => sessionStorage.setItem('shequ.in', '1'))
afterEach(() => {
  vi.unstubAllGlobals()
})

it('gives the live desk to who works with cases, a plain one to who keeps accounts or records', () => {
  for (const [role, desk] of [['operator', 'watch desk'], ['property', 'watch desk'], ['auditor', 'plain desk'], ['security_admin', 'plain desk']] as const) {
    const { unmount } = show(App, { role })
    expect(document.body.textContent).toContain(desk)
    unmount()
  }
})

it('shows the page alone to whoever is not signed in, or is on foot', async () => {
  const { router } = show(App, { role: 'operator' })
  router.addRoute({ path: '/field', meta: { field: true }, component: { template: '<p>phone</p>' } })
  await router.push('/field')
  expect(await screen.findByText('phone')).toBeTruthy()
  expect(screen.queryByText('watch desk')).toBeNull()
})

it('leaves for a new page when the session ends, so that nothing of it stays in memory', async () => {
  const replace = vi.fn()
  vi.stubGlobal('location', { replace })
  show(App, { role: 'operator' })
  Object.assign(useSession(), { expired: true, signedIn: false })
  await nextTick()
  expect(replace).toHaveBeenCalledExactlyOnceWith('/login?expired=1')
})
