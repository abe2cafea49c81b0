import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { shape, type Shape } from '@/composables/drawing'
import { show } from '@/testing'

import CameraCanvas from './CameraCanvas.vue'

const zone = shape('zone', 'door', [[0.1, 0.1], [0.5, 0.5], [0.1, 0.5]])
const open = (tool: string, modelValue: Shape[] = [], disabled = false) => show(CameraCanvas, { props: { picture: null, tool, modelValue, chosen: -1, disabled } })
const canvas = () => screen.getByRole('application')
const press = async (...keys: string[]) => {
  for (const key of keys) await fireEvent.keyDown(canvas(), { key })
}

it('draws a zone by keyboard alone, and tells a reader where the cross is', async () => {
  const { emitted } = open('zone')
  await press(' ', 'ArrowRight', ' ')
  await press('Enter')
  expect(emitted('update:modelValue'), 'two points are no zone').toBeUndefined()
  await press('ArrowDown', ' ', 'Enter')
  expect(document.getElementById('draw-cross')!.textContent).toBe('十字位置 52%，52%')
  expect((emitted('update:modelValue')[0] as [Shape[]])[0][0]).toMatchObject({ kind: 'zone', name: 'zone-1', points: [[0.5, 0.5], [0.52, 0.5], [0.52, 0.52]] })
  expect(emitted('update:chosen')).toEqual([[0]])
})

it('ends a line by itself at its second point; Backspace and Escape take points back', async () => {
  const { emitted } = open('line')
  await press(' ', 'ArrowUp', 'Backspace', ' ', 'Escape', ' ', 'ArrowLeft')
  expect(emitted('update:modelValue')).toBeUndefined()
  await press(' ')
  expect((emitted('update:modelValue')[0] as [Shape[]])[0][0]!.points).toEqual([[0.5, 0.48], [0.48, 0.48]])
})

it('picks up a point within reach, moves it and lets it go; the cross never leaves the picture', async () => {
  const { emitted } = open('select', [zone])
  await press(' ')
  expect(emitted('update:chosen')).toEqual([[0]])
  await press(...Array.from({ length: 40 }, () => 'ArrowRight'))
  expect((emitted('update:modelValue').at(-1) as [Shape[]])[0][0]!.points[1]).toEqual([1, 0.5])
})

it('is drawn on by nobody who may not', async () => {
  const { emitted } = open('line', [zone], true)
  await press(' ', 'ArrowLeft', ' ')
  expect(emitted('update:modelValue')).toBeUndefined()
  expect(screen.getAllByTestId('draw-shape')).toHaveLength(1)
})
