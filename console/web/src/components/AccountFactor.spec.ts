import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import AccountFactor from './AccountFactor.vue'

const stubs = { QrCode: true }

it('is set up with the password and one code, and shows the recovery codes once', async () => {
  const { calls } = serve({ 'POST /api/account/second-factor': { secret: 'ABCD', address: 'otpauth://x' }, 'POST /api/account/second-factor/confirm': { codes: ['c-1', 'c-2'] } })
  const { emitted } = show(AccountFactor, { props: { on: false }, stubs })
  expect(screen.getByTestId('factor-state').textContent).toBe('未启用')
  await fireEvent.update(screen.getByTestId('factor-password'), 'old password')
  await fireEvent.submit(screen.getByTestId('factor-begin').closest('form')!)
  expect((await screen.findByTestId('factor-key')).textContent).toBe('ABCD')
  expect(emitted('changed')).toBeUndefined()
  await fireEvent.update(screen.getByTestId('factor-code'), ' 123456 ')
  await fireEvent.submit(screen.getByTestId('factor-confirm').closest('form')!)
  expect((await screen.findByTestId('factor-codes')).textContent).toBe('c-1c-2')
  expect(calls('POST').map(([, wish]) => wish!['body'])).toEqual([{ password: 'old password' }, { code: '123456' }])
  expect(emitted('changed')).toHaveLength(1)
})

it('is taken away with the password, and says why the server refuses', async () => {
  serve({ 'POST /api/account/second-factor/drop': new Refusal(403, { title: 'no', detail: '口令不对' }) })
  const { emitted } = show(AccountFactor, { props: { on: true }, stubs })
  expect(screen.getByTestId('factor-begin').textContent).toBe('停用')
  await fireEvent.submit(screen.getByTestId('factor-begin').closest('form')!)
  expect((await screen.findByRole('alert')).textContent).toBe('口令不对')
  expect(emitted('changed')).toBeUndefined()
})
