import { fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { show } from '@/testing'

import FieldMoveForm from './FieldMoveForm.vue'

const shrunk = new Blob(['small'])
vi.mock('@/field/photo', () => ({ shrink: () => Promise.resolve(shrunk) }))
const forgotten = vi.fn()

beforeEach(() => {
  URL.createObjectURL = () => 'blob:photo'
  URL.revokeObjectURL = forgotten
  forgotten.mockClear()
})
const send = () => screen.getByTestId<HTMLButtonElement>('field-send')

it('sends nothing without a word; a tap on a phrase is one', async () => {
  const { emitted } = show(FieldMoveForm, { props: { action: 'ask_help' } })
  await fireEvent.update(screen.getByTestId('field-text'), '  ')
  expect(send().disabled).toBe(true)
  await fireEvent.click(screen.getByText('需要急救'))
  await fireEvent.click(send())
  expect(emitted('send')).toEqual([[{ action: 'ask_help', text: '需要急救', hours: undefined, photos: [] }]])
})

it('asks how much longer, and takes no photo of that', async () => {
  const { emitted } = show(FieldMoveForm, { props: { action: 'ask_extension' } })
  expect(screen.queryByTestId('field-photo')).toBeNull()
  await fireEvent.update(screen.getByRole('spinbutton'), '4.5')
  await fireEvent.update(screen.getByTestId('field-text'), '等配件')
  await fireEvent.click(send())
  expect(emitted('send')![0]).toMatchObject([{ hours: 4.5, text: '等配件' }])
})

it('sends photos made small, and one can be taken off again', async () => {
  const { emitted } = show(FieldMoveForm, { props: { action: 'report_back' } })
  const input = screen.getByTestId('field-photo')
  Object.defineProperty(input, 'files', { value: [new File(['a'], 'a.jpg'), new File(['b'], 'b.jpg')] })
  Object.defineProperty(input, 'value', { value: '', writable: true })
  await fireEvent.change(input)
  expect(await screen.findByAltText('照片 2')).toBeTruthy()
  await fireEvent.click(screen.getByLabelText('去掉照片 1'))
  expect(forgotten).toHaveBeenCalledOnce()
  await fireEvent.update(screen.getByTestId('field-text'), '好了')
  await fireEvent.click(send())
  expect((emitted('send')![0] as [{ photos: Blob[] }])[0].photos).toEqual([shrunk])
})
