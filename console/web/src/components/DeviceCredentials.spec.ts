import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import DeviceCredentials from './DeviceCredentials.vue'

const URI = '/api/devices/{device_id}/credentials'
const held = (state: string, more = {}) => ({ state, username: 'smoke-1', minted_at: null, rotated_at: null, revoked_at: null, certificate: null, ...more })
const open = (credentials: object, answers = {}, lifecycle = 'active') => {
  const api = serve(answers)
  return { ...api, ...show(DeviceCredentials, { props: { device: { id: 'smoke-1', lifecycle, credentials } } }) }
}

it('changes a password when somebody is sure, and shows the new one once', async () => {
  const { calls, emitted } = open(held('valid'), { [`POST ${URI}`]: { username: 'smoke-1', password: 'new-1', topic: 'shequ/v1/x' } })
  await fireEvent.click(screen.getByTestId('credential-rotate'))
  expect(screen.getByText(/旧口令立即失效/)).toBeTruthy()
  await agree()
  await settled()
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { device_id: 'smoke-1' } }, body: { kind: 'password' } })
  expect(screen.getByTestId('credentials-password').textContent).toBe('new-1')
  expect(emitted('changed')).toHaveLength(1)
  await fireEvent.click(screen.getByTestId('credentials-done'))
  expect(screen.queryByTestId('credentials')).toBeNull()
})

it('cuts a device off for a reason', async () => {
  const { calls } = open(held('valid'), { [`POST ${URI}/revoke`]: {} })
  await fireEvent.click(screen.getByTestId('credential-revoke'))
  await agree('设备被盗')
  expect(calls('POST')[0]).toMatchObject([`${URI}/revoke`, { body: { reason: '设备被盗' } }])
})

it('mints one where there is none, and shows none where the server refuses', async () => {
  open(held('none'), { [`POST ${URI}`]: new Refusal(409, { title: 'no', detail: '设备未开通' }) })
  expect(screen.getByTestId('credential-state').textContent).toBe('没有口令')
  expect(screen.queryByTestId('credential-revoke')).toBeNull()
  expect(screen.getByTestId('credential-rotate').textContent).toBe('签发口令')
  await fireEvent.click(screen.getByTestId('credential-rotate'))
  await agree()
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('设备未开通')
  expect(screen.queryByTestId('credentials')).toBeNull()
})

it('a retired device gets no password any more', () => {
  open(held('revoked', { revoked_at: '2026-01-01T00:00:00Z' }), {}, 'retired')
  expect(screen.getByTestId('credential-state').textContent).toBe('已吊销')
  expect(screen.queryByTestId('credential-rotate')).toBeNull()
})
