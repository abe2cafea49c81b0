import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import LoginPage from './LoginPage.vue'

const WAYS = { password: true, oidc: false, first_run: false }
function open(answers: object = {}, at = '/login', meta = {}) {
  const { calls } = serve({ 'GET /api/session/ways': WAYS, 'GET /api/me': { name: 'li', role: 'property' }, 'POST /api/session': {}, ...answers })
  return { ...show(LoginPage, { at, page: { path: '/login', meta }, stubs: { FieldUnsent: { template: '<i data-testid="unsent" />' } } }), calls }
}
async function login(): Promise<void> {
  await fireEvent.update(screen.getByTestId('login-user'), ' li ')
  await fireEvent.update(screen.getByTestId('login-password'), 'pw')
  await fireEvent.submit(screen.getByTestId('login-submit').closest('form')!)
}
const refused = (status: number, type = '') => ({ 'POST /api/session': new Refusal(status, { title: '拒绝', type }) })

it('leads each to where they begin, or to where they wanted, and never to another site', async () => {
  const first = open()
  await login()
  await waitFor(() => expect(first.router.currentRoute.value.path).toBe('/today'))
  first.unmount()
  const second = open({}, '/login?next=/device/d1')
  await login()
  await waitFor(() => expect(second.router.currentRoute.value.path).toBe('/device/d1'))
  second.unmount()
  const third = open({}, '/login?next=//evil.example/x')
  await login()
  await waitFor(() => expect(third.router.currentRoute.value.path).toBe('/today'))
})

it.each([
  [401, '用户名或密码不对'],
  [429, '账号已锁定'],
  [500, '拒绝'],
])('says at %i why it did not let them in', async (status, words) => {
  open(refused(status))
  await login()
  expect((await screen.findByTestId('login-error')).textContent).toContain(words)
  expect((screen.getByTestId('login-submit') as HTMLButtonElement).disabled).toBe(false)
})

it('asks for the second factor only of whoever has one, and sends it', async () => {
  const { calls } = open(refused(401, 'urn:shequ:second-factor'))
  expect(screen.queryByTestId('login-code')).toBeNull()
  await login()
  await fireEvent.update(await screen.findByTestId('login-code'), '123456')
  expect(screen.queryByTestId('login-error')).toBeNull()
  await fireEvent.submit(screen.getByTestId('login-submit').closest('form')!)
  await waitFor(() => expect(calls('POST')[1]![1]!['body']).toMatchObject({ username: 'li', password: 'pw', otp: '123456' }))
})

it('offers the ways there are, says that a session ran out, and on a phone what is not sent', async () => {
  open({ 'GET /api/session/ways': { ...WAYS, oidc: true, first_run: true } }, '/login?expired=1', { field: true })
  expect((await screen.findByTestId('login-oidc')).getAttribute('href')).toBe('/api/oidc/login')
  expect(screen.getByTestId('login-first-run').getAttribute('href')).toBe('/firstRun')
  expect(screen.getByRole('alert').textContent).toContain('登录已过期')
  expect(screen.getByTestId('unsent')).toBeTruthy()
})
