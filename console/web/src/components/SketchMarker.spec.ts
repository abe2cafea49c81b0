import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import SketchMarker from './SketchMarker.vue'

const open = (focused: boolean) => show(SketchMarker, { props: { alert: { id: 7, severity: 2, code: 'FIRE-001', place: 'EST1-B1' }, at: { x: 3, y: 4 }, pixel: 2, focused } })

it('stands where the alert is, says what it is, and is chosen by a click', async () => {
  const { emitted } = open(false)
  const marker = screen.getByTestId('sketch-marker')
  expect(marker.getAttribute('transform')).toBe('translate(3 4) scale(1.24)')
  expect(marker.querySelector('title')!.textContent).toBe('重要 · FIRE-001 · EST1-B1')
  await fireEvent.click(marker)
  expect(emitted('select')).toEqual([[7]])
})

it('is larger and ringed where it is the one looked at', () => {
  const { container } = open(true)
  expect(screen.getByTestId('sketch-marker').getAttribute('transform')).toContain('scale(2)')
  expect(container.querySelector('.halo')).toBeTruthy()
})
