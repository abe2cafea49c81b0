import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { shape, type Shape } from '@/composables/drawing'
import { show } from '@/testing'

import CameraShapes from './CameraShapes.vue'

const corners: Shape['points'] = [[0, 0], [1, 0], [1, 1]]
const SHAPES = [shape('zone', 'door', corners, { watch: ['intrusion', 'left'] }), shape('line', 'gate', [[0, 0], [1, 1]]), shape('mask', 'mask-1', corners)]
const open = (more = {}) => {
  const { emitted } = show(CameraShapes, { props: { modelValue: SHAPES, chosen: 1, ...more } })
  return { emitted, last: () => (emitted('update:modelValue').at(-1) as [Shape[]])[0] }
}

it('a zone watches for what was left or for what blocks, never for both', async () => {
  const { last } = open()
  await fireEvent.click(screen.getByTestId('draw-watch-0-blocking'))
  expect(last()[0]!.watch).toEqual(['intrusion', 'blocking'])
  await fireEvent.click(screen.getByTestId('draw-watch-0-intrusion'))
  expect(last()[0]!.watch).toEqual(['blocking'])
})

it('asks how long only for what takes long', async () => {
  open()
  expect(screen.getByLabelText<HTMLInputElement>(/停留超过/).value).toBe('60')
  expect(screen.queryByLabelText(/徘徊超过/)).toBeNull()
})

it('turns a line round, names it without blanks, and takes a shape away', async () => {
  const { emitted, last } = open()
  await fireEvent.click(screen.getByRole('button', { name: '调转方向' }))
  expect(last()[1]!.points).toEqual([[1, 1], [0, 0]])
  await fireEvent.update(screen.getByTestId('draw-name-1'), ' east ')
  expect(last()[1]!.name).toBe('east')
  expect(screen.queryByTestId('draw-name-2'), 'a mask has no name of its own').toBeNull()
  await fireEvent.click(screen.getByLabelText('删除 mask-1'))
  expect(last().map(({ name }) => name)).toEqual(['door', 'east'])
  expect(emitted('update:chosen')).toEqual([[-1]])
})

it('can only be looked at by who may not change it', () => {
  open({ disabled: true })
  for (const one of ['draw-name-0', 'draw-remove-0', 'draw-direction-1']) expect(screen.getByTestId<HTMLInputElement>(one).disabled).toBe(true)
  expect(screen.getByRole<HTMLFieldSetElement>('group').disabled).toBe(true)
})
