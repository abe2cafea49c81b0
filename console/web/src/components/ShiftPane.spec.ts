import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import ShiftPane from './ShiftPane.vue'

const SHIFT = { id: 7, name: '王', starts: '2026-03-01T00:00:00Z', ends: '2026-03-01T12:00:00Z', handed_at: null, handed_by: null, note: null, taken_at: null, taken_by: null }
const HANDED = { ...SHIFT, handed_at: '2026-03-01T11:50:00Z', handed_by: 'li', note: '3 号门坏了' }

it('is handed over with a note and no other way', async () => {
  const { calls } = serve({ 'POST /api/roster/{shift_id}/actions': {} })
  const { emitted } = show(ShiftPane, { props: { shift: SHIFT }, role: 'operator' })
  const button = screen.getByTestId('hand-over') as HTMLButtonElement
  expect(button.disabled).toBe(true)
  expect(screen.queryByTestId('take-over')).toBeNull()
  await fireEvent.update(screen.getByTestId('handover-note'), '一切正常')
  await fireEvent.click(button)
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]).toMatchObject(['/api/roster/{shift_id}/actions', { params: { path: { shift_id: 7 } }, body: { action: 'hand_over', note: '一切正常' } }])
})

it('is taken over by another than who handed it over, having read the note', () => {
  show(ShiftPane, { props: { shift: HANDED }, role: 'operator' })
  expect(screen.getByTestId('handed').textContent).toContain('3 号门坏了')
  expect(screen.getByTestId('take-over')).toBeTruthy()
  show(ShiftPane, { props: { shift: { ...HANDED, handed_by: 'me' } }, role: 'operator' })
  expect(screen.getAllByTestId('take-over')).toHaveLength(1)
})

it('is called off only by whoever keeps the roster, and never once it was taken over', () => {
  show(ShiftPane, { props: { shift: SHIFT }, role: 'operator' })
  expect(screen.queryByText('取消班次')).toBeNull()
  show(ShiftPane, { props: { shift: SHIFT }, role: 'shift_leader' })
  expect(screen.getByText('取消班次')).toBeTruthy()
  const { container } = show(ShiftPane, { props: { shift: { ...HANDED, taken_at: '2026-03-01T12:00:00Z', taken_by: 'zhao' } }, role: 'shift_leader' })
  expect(container.textContent).toContain('zhao')
  expect(container.querySelectorAll('.buttons button')).toHaveLength(0)
})

it('says why it was refused', async () => {
  serve({ 'POST /api/roster/{shift_id}/actions': new Refusal(409, { title: 'x', detail: '已交班' }) })
  const { emitted } = show(ShiftPane, { props: { shift: HANDED }, role: 'operator' })
  await fireEvent.click(screen.getByTestId('take-over'))
  expect((await screen.findByRole('alert')).textContent).toContain('已交班')
  expect(emitted('done')).toBeUndefined()
})
