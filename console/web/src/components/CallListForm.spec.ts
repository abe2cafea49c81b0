import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import CallListForm from './CallListForm.vue'

const callee = (person: string) => ({ person, name: `名${person}`, note: '' })
const open = (people: string[], pending = false) => show(CallListForm, { props: { start: people.map(callee), pending } })
const found = { items: [{ id: 'a', name: '名a', roles: [] }, { id: 'd', name: '名d', roles: [] }] }

it('offers people who are not on the list yet, and finds others by what is typed', async () => {
  const { calls } = serve({ 'GET /api/people': found })
  open(['a'])
  expect((await screen.findAllByTestId('callee-add')).map((one) => one.getAttribute('aria-label'))).toEqual(['加上 名d'])
  await fireEvent.update(screen.getByTestId('callee-find'), ' 李 ')
  expect(calls('GET')[1]![1]).toMatchObject({ params: { query: { q: '李', active: true } } })
})

it('the first stays the first, another one is moved up or taken off, and all are saved in order', async () => {
  serve({ 'GET /api/people': { items: [] } })
  const { emitted } = open(['a', 'b', 'c'])
  expect(screen.getByLabelText<HTMLButtonElement>('上移 名a').disabled).toBe(true)
  await fireEvent.click(screen.getByLabelText('上移 名b'))
  await fireEvent.click(screen.getByLabelText('去掉 名c'))
  await fireEvent.update(screen.getByLabelText(/^名b:/), '有钥匙')
  await fireEvent.submit(screen.getByTestId('callees-form'))
  expect(emitted('save')).toEqual([[[{ person: 'b', note: '有钥匙' }, { person: 'a', note: '' }]]])
})

it('takes ten and no more, and says where the list of people did not come', async () => {
  serve({ 'GET /api/people': new Refusal(503, { title: 'away' }) })
  const { unmount } = open(['a'], true)
  expect((await screen.findByRole('alert')).textContent).toContain('away')
  expect(screen.getByTestId<HTMLButtonElement>('callees-save').disabled).toBe(true)
  unmount()
  open([...'abcdefghij'])
  expect(screen.queryByTestId('callee-find')).toBeNull()
})
