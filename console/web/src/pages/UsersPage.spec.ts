import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import UsersPage from './UsersPage.vue'

const user = (name: string, more = {}) => ({ name, display_name: name, role: 'operator', scope: null, disabled: false, locked: false, totp_on: false, seen_at: null, ...more })
async function open(answers: object = {}) {
  const { calls } = serve({ 'GET /api/users': { items: [user('me', { role: 'security_admin' }), user('li', { locked: true, totp_on: true }), user('zhao', { disabled: true, scope: 'E1' })] }, ...answers })
  show(UsersPage, { role: 'security_admin' })
  return { calls, rows: await screen.findAllByTestId('user-row') }
}
const buttons = (row: HTMLElement) => within(row).queryAllByRole('button').map((one) => one.textContent)

it('offers each account what its state asks for, and nobody anything about themselves', async () => {
  const { rows } = await open()
  expect(rows.map(buttons)).toEqual([[], ['停用', '解锁', '重置口令', '取消第二因素'], ['恢复', '重置口令']])
  expect(rows[1]!.textContent).toMatch(/值班员.*全部.*已锁定第二因素/)
  expect(rows[2]!.textContent).toMatch(/E1.*已停用/)
})

it('makes an account and shows its password once, and keeps the form where it was refused', async () => {
  const answers: unknown[] = [new Refusal(409, { title: 'x', detail: '已有此名' }), { name: 'wang', password: 's3cret' }]
  const { calls } = await open({ 'POST /api/users': () => answers.shift() })
  const name = screen.getByTestId<HTMLInputElement>('user-name')
  await fireEvent.update(name, 'wang')
  await fireEvent.submit(name.closest('form')!)
  expect((await screen.findByRole('alert')).textContent).toContain('已有此名')
  expect(name.value).toBe('wang')
  await fireEvent.submit(name.closest('form')!)
  expect((await screen.findByTestId('user-password')).textContent).toBe('s3cret')
  expect(calls('POST')[1]).toMatchObject(['/api/users', { body: { name: 'wang', role: 'operator', display_name: null, scope: null } }])
  expect(name.value).toBe('')
})

it('changes an account and reads all again', async () => {
  const { calls, rows } = await open({ 'PATCH /api/users/{name}': {}, 'POST /api/users/{name}/second-factor/drop': {} })
  await fireEvent.click(within(rows[2]!).getByText('恢复'))
  await waitFor(() => expect(calls('GET')).toHaveLength(2))
  expect(calls('PATCH')[0]).toEqual(['/api/users/{name}', { params: { path: { name: 'zhao' } }, body: { disabled: false, unlock: false } }])
  await fireEvent.click(within(rows[1]!).getByText('取消第二因素'))
  await waitFor(() => expect(calls('POST')[0]).toEqual(['/api/users/{name}/second-factor/drop', { params: { path: { name: 'li' } } }]))
})

it('says in the language of the reader that the accounts could not be read', async () => {
  serve({})
  show(UsersPage, { role: 'security_admin' })
  expect((await screen.findByRole('alert')).textContent).toContain('服务器没有回应')
})
