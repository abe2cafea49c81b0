import { fireEvent, render, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { defineComponent, h, ref } from 'vue'

import type { Hours } from '@/composables/hours'
import { i18n } from '@/i18n'

import WeekHours from './WeekHours.vue'

/** The grid over hours that it may change. */
function shown(hours: Hours, inherited: unknown = { daily: ['22:00-06:00'] }) {
  const model = ref(hours)
  render(
    defineComponent(() => () => h(WeekHours, { modelValue: model.value, inherited, 'onUpdate:modelValue': (value: Hours) => void (model.value = value) })),
    { global: { plugins: [i18n] } },
  )
  return model
}
const cell = (column: number, row: number): HTMLElement => screen.getByTestId(`hour-${column}-${row}`)

it('switches an hour of one day and writes what the rules read', async () => {
  const hours = shown({ daily: ['22:00-06:00'] })
  expect(cell(0, 23).getAttribute('aria-pressed')).toBe('true')
  await fireEvent.click(cell(6, 12))
  expect(hours.value).toMatchObject({ mon: ['22:00-06:00'], sun: ['12:00-13:00', '22:00-06:00'] })
  expect(cell(6, 12).getAttribute('aria-pressed')).toBe('true')
})

it('is walked and painted with the arrow keys alone', async () => {
  const hours = shown({ daily: [] })
  await fireEvent.click(cell(0, 0))
  await fireEvent.keyDown(cell(0, 0), { key: 'ArrowDown', shiftKey: true })
  await fireEvent.keyDown(cell(0, 1), { key: 'ArrowRight' })
  expect(document.activeElement).toBe(cell(1, 1))
  expect(hours.value).toMatchObject({ mon: ['00:00-02:00'], tue: [] })
})

it('is painted as a rectangle with the mouse, and a whole day or hour at its edge', async () => {
  const hours = shown({ daily: [] })
  await fireEvent.pointerDown(cell(0, 9), { button: 0 })
  await fireEvent.pointerEnter(cell(1, 10))
  await fireEvent.pointerEnter(cell(4, 16))
  await fireEvent.pointerUp(cell(4, 16))
  await fireEvent.pointerEnter(cell(6, 20))
  expect(hours.value).toMatchObject({ mon: ['09:00-17:00'], fri: ['09:00-17:00'], sat: [], sun: [] })
  await fireEvent.click(screen.getByRole('button', { name: '周六' }))
  expect(hours.value).toMatchObject({ sat: ['00:00-24:00'] })
})

it('marks what is inherited, and gives holidays hours of their own', async () => {
  const hours = shown({ daily: ['08:00-10:00'] })
  expect(cell(0, 23).className).toContain('was')
  expect(cell(0, 9).className).not.toContain('was')
  await fireEvent.click(screen.getByTestId('hours-holiday'))
  expect(hours.value).toEqual({ daily: ['08:00-10:00'], holiday: ['08:00-10:00'] })
  await fireEvent.click(cell(7, 9))
  expect(hours.value).toEqual({ daily: ['08:00-10:00'], holiday: ['08:00-09:00'] })
})
