import { fireEvent, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'
import { ref } from 'vue'

import { show } from '@/testing'

import CaseActions from './CaseActions.vue'

const actions = (may: string[], { pending = false, closing = false, failure = '' } = {}) => ({ can: (verb: string) => may.includes(verb), pending: ref(pending), closing: ref(closing), failure: ref(failure), acknowledge: vi.fn(), dispatch: vi.fn(), askClose: vi.fn(), close: vi.fn(), cancelClose: vi.fn() })
const open = (of: ReturnType<typeof actions>) => show(CaseActions, { props: { actions: of }, stubs: { CloseForm: { template: '<p>close form</p>' } } })
const button = (verb: string) => screen.getByTestId<HTMLButtonElement>(`action-${verb}`)

it('lets somebody do what is legal now, and nothing else', async () => {
  const of = actions(['dispatch', 'close'])
  open(of)
  expect(['acknowledge', 'dispatch', 'close'].map((verb) => button(verb).disabled)).toEqual([true, false, false])
  await fireEvent.click(button('dispatch'))
  await fireEvent.click(button('close'))
  expect([of.acknowledge, of.dispatch, of.askClose].map((one) => one.mock.calls.length)).toEqual([0, 1, 1])
})

it('cannot be pressed twice while the first press is under way', () => {
  open(actions(['acknowledge', 'dispatch', 'close'], { pending: true }))
  expect(['acknowledge', 'dispatch', 'close'].every((verb) => button(verb).disabled)).toBe(true)
})

it('asks for the conclusion in place of the buttons', () => {
  open(actions(['close'], { closing: true }))
  expect(screen.getByText('close form')).toBeTruthy()
  expect(screen.queryByTestId('action-close')).toBeNull()
})

it('is not there for who may do nothing, except to say what went wrong', () => {
  const { container, unmount } = open(actions([]))
  expect(container.textContent).toBe('')
  unmount()
  open(actions([], { failure: 'li 刚刚已接警' }))
  expect(screen.getByRole('alert').textContent).toBe('li 刚刚已接警')
  expect(screen.queryByRole('button')).toBeNull()
})
