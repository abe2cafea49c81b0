import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CaseMessages from './CaseMessages.vue'

const stubs = { LetterItem: { props: ['letter'], emits: ['changed'], template: '<li @click="$emit(\'changed\')">letter {{ letter.id }}</li>' } }
const open = (answer: unknown) => {
  const api = serve({ 'GET /api/deliver/letters': answer })
  return { ...api, ...show(CaseMessages, { props: { incident: 5, version: 1 }, stubs }) }
}

it('shows the messages of this case, and asks again when the case or a letter changed', async () => {
  const { calls, rerender } = open({ items: [{ id: 1 }], next: null })
  await fireEvent.click(await screen.findByText('letter 1'))
  await settled()
  await rerender({ incident: 5, version: 2 })
  expect(calls('GET')).toHaveLength(3)
  for (const [, wish] of calls('GET')) expect(wish).toMatchObject({ params: { query: { incident_id: 5, cursor: undefined } } })
})

it('brings more where there is more', async () => {
  open((wish: { params: { query: { cursor?: string } } }) => (wish.params.query.cursor === 'c1' ? { items: [{ id: 2 }], next: null } : { items: [{ id: 1 }], next: 'c1' }))
  await fireEvent.click(await screen.findByRole('button', { name: '加载更多' }))
  await settled()
  expect(screen.getAllByRole('listitem')).toHaveLength(2)
  expect(screen.queryByRole('button')).toBeNull()
})

it('tells none sent from none read', async () => {
  const { unmount } = open({ items: [], next: null })
  expect(await screen.findByText('没有发出过消息')).toBeTruthy()
  unmount()
  open(new Refusal(503, { title: 'away' }))
  expect((await screen.findByRole('alert')).textContent).toBe('读取失败：away')
  expect(screen.queryByText('没有发出过消息')).toBeNull()
})
