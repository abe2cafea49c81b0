import { fireEvent, screen, within } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { useSession } from '@/stores/session'
import { Refusal, serve, settled, show } from '@/testing'

import AccountParts from './AccountParts.vue'

const stubs = { AccountFactor: true, AccountTokens: true }
const SESSIONS = [{ id: 1, used_at: '2026-01-01T00:00:00Z', source: '10.0.0.1', current: true }, { id: 2, used_at: '2026-01-01T00:00:00Z', source: '', current: false }]
const account = (more = {}) => ({ owes: '', second_factor: false, tokens: [], sessions: SESSIONS, ...more })
const me = { name: 'me', role: 'operator', scope: null }

it('says what is owed before work goes on', async () => {
  serve({ 'GET /api/account': account({ owes: 'password' }), 'GET /api/me': me })
  show(AccountParts, { stubs })
  expect((await screen.findByTestId('account-owes')).textContent).toContain('请先修改')
})

it('a new password ends the session, a refused one says why', async () => {
  const answers: Record<string, unknown> = { 'GET /api/account': account(), 'GET /api/me': me, 'POST /api/account/password': new Refusal(422, { title: 'no', detail: '太常见' }) }
  const { calls } = serve(answers)
  show(AccountParts, { stubs })
  const leave = vi.spyOn(useSession(), 'logout').mockResolvedValue()
  await fireEvent.update(await screen.findByTestId('password-old'), 'old one')
  await fireEvent.update(screen.getByTestId('password-new'), 'a longer new one')
  const form = screen.getByTestId('password-change').closest('form')!
  await fireEvent.submit(form)
  expect((await screen.findByRole('alert')).textContent).toBe('太常见')
  expect(leave).not.toHaveBeenCalled()
  answers['POST /api/account/password'] = null
  await fireEvent.submit(form)
  await vi.waitFor(() => expect(leave).toHaveBeenCalledOnce())
  expect(calls('POST')[1]).toMatchObject(['/api/account/password', { body: { old: 'old one', new: 'a longer new one' } }])
})

it('ends another session, never this one, and keeps the reason where it could not', async () => {
  const { calls } = serve({ 'GET /api/account': account(), 'GET /api/me': me, 'DELETE /api/account/sessions/{session_id}': new Refusal(404, { title: 'no', detail: '没有这个会话' }) })
  show(AccountParts, { stubs })
  const [own, other] = await screen.findAllByTestId('session-row')
  expect(own!.textContent).toContain('本会话')
  expect(within(own!).queryByRole('button')).toBeNull()
  expect(other!.textContent).toContain('来源 –')
  await fireEvent.click(within(other!).getByRole('button', { name: '结束' }))
  await settled()
  expect(screen.getByTestId('account-away').textContent).toContain('没有这个会话')
  expect(calls('DELETE')[0]).toMatchObject(['/api/account/sessions/{session_id}', { params: { path: { session_id: 2 } } }])
})

it('asks again where the account did not come', async () => {
  const answers: Record<string, unknown> = { 'GET /api/account': new Refusal(503, { title: 'away' }), 'GET /api/me': me }
  serve(answers)
  show(AccountParts, { stubs })
  const away = await screen.findByTestId('account-away')
  expect(screen.queryByTestId('password-change')).toBeNull()
  answers['GET /api/account'] = account()
  await fireEvent.click(within(away).getByRole('button', { name: '重试' }))
  expect(await screen.findByTestId('password-change')).toBeTruthy()
})
