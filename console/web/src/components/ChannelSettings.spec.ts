import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { kindOf } from '@/composables/channels'
import { show } from '@/testing'

import ChannelSettings from './ChannelSettings.vue'

const open = (channel: string, driver: string, modelValue: object) => {
  const { emitted } = show(ChannelSettings, { props: { kind: kindOf(channel, driver), modelValue } })
  return () => (emitted('update:modelValue').at(-1) as [object])[0]
}

it('asks for a secret by its name, never for the secret', async () => {
  const last = open('email', 'smtp', { port: 587 })
  const secret = screen.getByTestId<HTMLInputElement>('setting-password_secret')
  expect(secret.placeholder).toBe('密钥名称')
  expect(new RegExp(`^(?:${secret.pattern})$`, 'v').test('p@ss word!')).toBe(false)
  expect(secret.required).toBe(false)
  await fireEvent.update(secret, ' mail_password ')
  expect(last()).toEqual({ port: 587, password_secret: 'mail_password' })
})

it('a number is a number, or nothing; a choice is one of those there are', async () => {
  const last = open('email', 'smtp', { port: 587, security: 'starttls' })
  await fireEvent.update(screen.getByRole('spinbutton'), '25')
  expect(last()).toMatchObject({ port: 25 })
  await fireEvent.update(screen.getByRole('spinbutton'), '')
  expect(last()).toMatchObject({ port: '' })
  await fireEvent.update(screen.getByTestId('setting-security'), 'tls')
  expect(last()).toMatchObject({ security: 'tls' })
})

it('a switch is on or off', async () => {
  const last = open('sms', 'smpp', { tls: false })
  await fireEvent.click(screen.getByRole('checkbox'))
  expect(last()).toEqual({ tls: true })
  expect(screen.getByTestId<HTMLInputElement>('setting-host').required).toBe(true)
})
