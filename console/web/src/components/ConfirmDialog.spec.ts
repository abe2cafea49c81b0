import { fireEvent, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { agree, show } from '@/testing'

import ConfirmDialog from './ConfirmDialog.vue'

const open = (props = {}) => {
  const confirm = vi.fn()
  show({ components: { ConfirmDialog }, setup: () => ({ props: { title: '退役？', go: '退役', ...props }, confirm }), template: '<button @click="$refs.one.ask()">ask</button><ConfirmDialog ref="one" v-bind="props" @confirm="confirm"><p>more</p></ConfirmDialog>' })
  return confirm
}
const ask = () => fireEvent.click(screen.getByText('ask'))
const dialog = () => screen.getByTestId<HTMLDialogElement>('confirm')

it('asks before anything is done, closes and tells', async () => {
  const confirm = open({ danger: true })
  expect(dialog().open).toBe(false)
  await ask()
  expect(dialog().textContent).toMatch(/退役？.*more/)
  expect(screen.getByTestId('confirm-go').className).toContain('danger')
  expect(screen.queryByTestId('confirm-reason')).toBeNull()
  await agree()
  expect(confirm.mock.calls).toEqual([['']])
  expect(dialog().open).toBe(false)
})

it('nothing happens where somebody thinks better of it', async () => {
  const confirm = open()
  await ask()
  await fireEvent.click(screen.getByRole('button', { name: '取消' }))
  expect(dialog().open).toBe(false)
  expect(confirm).not.toHaveBeenCalled()
})

it('asks for a reason that is more than blanks, and forgets what was typed before', async () => {
  const confirm = open({ reason: true, usual: '处置警情 7' })
  await ask()
  const reason = screen.getByTestId<HTMLInputElement>('confirm-reason')
  expect(reason.value).toBe('处置警情 7')
  await fireEvent.update(reason, '   ')
  expect(reason.validity.valid).toBe(false)
  await agree(' 停电 ')
  expect(confirm.mock.calls).toEqual([['停电']])
  await ask()
  expect(reason.value).toBe('处置警情 7')
})
