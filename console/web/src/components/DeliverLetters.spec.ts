import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import DeliverLetters from './DeliverLetters.vue'

const stubs = { LetterItem: { props: ['letter'], emits: ['changed'], template: '<li @click="$emit(\'changed\')">letter {{ letter.id }}</li>' } }
const open = (answer: unknown, props = {}) => {
  const api = serve({ 'GET /api/deliver/letters': answer })
  show(DeliverLetters, { props, stubs })
  return { query: (n: number) => (api.calls('GET')[n]![1] as { params: { query: object } }).params.query }
}

it('asks anew for another state or channel, and after a letter was dealt with', async () => {
  const { query } = open({ items: [{ id: 1 }], next: null })
  await screen.findByText('letter 1')
  expect(query(0)).toEqual({ cursor: undefined, state: undefined, channel: undefined })
  await fireEvent.update(screen.getByLabelText('状态'), 'failed')
  await fireEvent.update(screen.getByLabelText('通道'), 'sms')
  await fireEvent.click(screen.getByText('letter 1'))
  expect(query(3)).toEqual({ cursor: undefined, state: 'failed', channel: 'sms' })
})

it('shows those that wait for a person only, and that there are none', async () => {
  const { query } = open({ items: [], next: null }, { dead: true })
  expect(await screen.findByText('没有死信')).toBeTruthy()
  expect(screen.queryByTestId('letters-state')).toBeNull()
  expect(query(0)).toMatchObject({ state: 'dead' })
})

it('brings more, and says where it could not', async () => {
  let answer: unknown = { items: [{ id: 1 }], next: 'c1' }
  const { query } = open(() => answer)
  const more = await screen.findByRole('button', { name: '加载更多' })
  answer = new Refusal(503, { title: 'away' })
  await fireEvent.click(more)
  expect((await screen.findByRole('alert')).textContent).toContain('读取失败：away')
  expect(query(1)).toMatchObject({ cursor: 'c1' })
  answer = { items: [], next: null }
  await fireEvent.click(screen.getByRole('button', { name: '重试' }))
  await settled()
  expect(screen.getByText('没有消息')).toBeTruthy()
})
