import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import AccountTokens from './AccountTokens.vue'

const token = (id: number, may_write: boolean) => ({ id, title: `程序${id}`, may_write, expires_at: '2026-01-01T00:00:00Z' })
const mint = () => fireEvent.submit(screen.getByTestId('token-mint').closest('form')!)

it('reads only unless somebody ticks otherwise; the token is shown and the password forgotten', async () => {
  const { calls } = serve({ 'POST /api/account/tokens': { token: 'shq_1' } })
  const { emitted } = show(AccountTokens, { props: { tokens: [] } })
  expect(screen.getByText('没有').className).toContain('muted')
  await fireEvent.update(screen.getByTestId('token-title'), '报表')
  await fireEvent.update(screen.getByTestId('token-password'), 'secret one')
  await mint()
  expect((await screen.findByTestId('token-made')).textContent).toBe('shq_1')
  expect(calls('POST')[0]![1]).toMatchObject({ body: { title: '报表', password: 'secret one', days: 90, may_write: false } })
  expect(screen.getByTestId<HTMLInputElement>('token-password').value).toBe('')
  expect(emitted('changed')).toHaveLength(1)
})

it('says of each token what it may do, and takes one away', async () => {
  const { calls } = serve({ 'DELETE /api/account/tokens/{token_id}': [] })
  const { emitted } = show(AccountTokens, { props: { tokens: [token(1, false), token(2, true)] } })
  const [reads, writes] = screen.getAllByTestId('token-row')
  expect(reads!.textContent).toContain('只读')
  expect(writes!.textContent).toContain('可以写入')
  await fireEvent.click(screen.getAllByRole('button', { name: '撤销' })[1]!)
  await settled()
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { token_id: 2 } } })
  expect(emitted('changed')).toHaveLength(1)
})

it('says why a token is neither made nor taken away', async () => {
  serve({ 'POST /api/account/tokens': new Refusal(403, { title: 'no', detail: '口令不对' }), 'DELETE /api/account/tokens/{token_id}': new Refusal(404, { title: 'no', detail: '没有这个令牌' }) })
  const { emitted } = show(AccountTokens, { props: { tokens: [token(1, false)] } })
  await mint()
  expect((await screen.findByRole('alert')).textContent).toBe('口令不对')
  await fireEvent.click(screen.getByRole('button', { name: '撤销' }))
  expect(await screen.findByText('没有这个令牌')).toBeTruthy()
  expect(emitted('changed')).toBeUndefined()
})
