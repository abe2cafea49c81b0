import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import DeliverTestForm from './DeliverTestForm.vue'

const open = (channel: string, answer: unknown) => {
  const api = serve({ 'POST /api/deliver/tests': answer })
  return { ...api, ...show(DeliverTestForm, { props: { channel: { code: 'c-1', channel } } }) }
}
const send = async (to?: string) => {
  await fireEvent.click(screen.getByTestId('channel-test'))
  if (to) await fireEvent.update(screen.getByTestId('test-to'), to)
  await fireEvent.submit(screen.getByTestId('test-go').closest('form')!)
  await settled()
}

it('asks to whom, sends, and says so', async () => {
  const { calls, emitted } = open('sms', {})
  await send(' 13900000001 ')
  expect(calls('POST')[0]![1]).toMatchObject({ body: { endpoint: 'c-1', to: '13900000001', window_s: 600 } })
  expect(screen.getByRole('status').textContent).toBe('测试消息已进入发件箱')
  expect(emitted('sent')).toHaveLength(1)
})

it('asks for no number where the channel has its own address', async () => {
  const { calls } = open('wecom', {})
  await send()
  expect(screen.queryByTestId('test-to')).toBeNull()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { endpoint: 'c-1', to: '' } })
})

it('says why none was sent, and no more that one was', async () => {
  let answer: unknown = {}
  const { emitted } = open('wecom', () => answer)
  await send()
  answer = new Refusal(422, { title: 'no', detail: '通道停用' })
  await send()
  expect(screen.getByRole('alert').textContent).toContain('通道停用')
  expect(screen.queryByRole('status')).toBeNull()
  expect(emitted('sent')).toHaveLength(1)
})
