import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { whereAmI } from '@/field/position'
import { useField } from '@/stores/field'
import { show } from '@/testing'

import FieldMoves from './FieldMoves.vue'

vi.mock('@/field/position', () => ({ whereAmI: vi.fn() }))
const order = (legal: string[]) => ({ id: 7, incident_id: 9, role: 'lead', legal })

function open(legal: string[]) {
  show(FieldMoves, { props: { order: order(legal) }, role: 'field' })
  return vi.spyOn(useField(), 'act').mockResolvedValue()
}

it('shows the next step large and does it at once', async () => {
  const act = open(['acknowledge', 'return_order', 'ask_help'])
  expect(screen.getAllByRole('button').map((button) => button.textContent!.trim())).toEqual(['签收', '退单', '请求支援'])
  await fireEvent.click(screen.getByTestId('field-do-acknowledge'))
  expect(act.mock.calls[0]).toMatchObject([{ id: 7 }, { action: 'acknowledge' }])
  expect(whereAmI).not.toHaveBeenCalled()
})

it('arrives with the position, or without one and says so', async () => {
  let found: (nothing: undefined) => void = () => undefined
  vi.mocked(whereAmI).mockImplementation(() => new Promise((resolve) => (found = resolve)))
  const act = open(['arrive', 'note'])
  await fireEvent.click(screen.getByTestId('field-do-arrive'))
  expect(screen.getByTestId<HTMLButtonElement>('field-do-arrive').disabled).toBe(true)
  expect(screen.getByTestId('field-do-arrive').textContent).toContain('正在定位')
  found(undefined)
  expect((await screen.findByRole('status')).textContent).toContain('没有取得位置')
  expect(act).toHaveBeenCalledOnce()
})

it('asks for words where a step needs them, and sends them', async () => {
  const act = open(['handle', 'return_order'])
  await fireEvent.click(screen.getByTestId('field-do-return_order'))
  expect(act).not.toHaveBeenCalled()
  await fireEvent.update(screen.getByTestId('field-text'), '不是我的')
  await fireEvent.click(screen.getByTestId('field-send'))
  await waitFor(() => expect(act.mock.calls[0]?.[1]).toMatchObject({ action: 'return_order', text: '不是我的' }))
  expect(screen.queryByTestId('field-form')).toBeNull()
})

it('keeps the words, and says so, where the phone could not keep the step', async () => {
  const act = open(['note'])
  act.mockRejectedValue(new DOMException('full', 'QuotaExceededError'))
  await fireEvent.click(screen.getByTestId('field-do-note'))
  await fireEvent.update(screen.getByTestId('field-text'), '有人受伤')
  await fireEvent.click(screen.getByTestId('field-send'))
  expect((await screen.findByRole('alert')).textContent).toContain('没有存下')
  expect(screen.getByTestId<HTMLTextAreaElement>('field-text').value).toBe('有人受伤')
})
