import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { ref } from 'vue'

import { show } from '@/testing'

import HoursGrid from './HoursGrid.vue'

const cells = ref<boolean[][]>([])
const holder = { components: { HoursGrid }, setup: () => ({ cells, before: [[true]] }), template: '<HoursGrid v-model="cells" :columns="[\'周一\', \'周二\']" :step="30" :before="before" label="布防" />' }

function open(): void {
  cells.value = [[false, false, false], [false, false, false]]
  show(holder)
}
const cell = (column: number, row: number) => screen.getByTestId(`hour-${column}-${row}`)
const lit = () => cells.value.map((column) => column.map(Number).join('')).join(' ')

it('paints what a mouse is drawn over, and nothing once it is let go', async () => {
  open()
  await fireEvent.pointerDown(cell(0, 0), { button: 0, pointerType: 'mouse' })
  await fireEvent.pointerEnter(cell(1, 1))
  expect(lit()).toBe('110 110')
  await fireEvent.pointerUp(screen.getByTestId('hours-grid'))
  await fireEvent.pointerEnter(cell(1, 2))
  expect(lit()).toBe('110 110')
})

it('is walked by arrows, painted with shift, and one cell by the space bar', async () => {
  open()
  cell(0, 0).focus()
  await fireEvent.click(cell(0, 0), { detail: 0 })
  await fireEvent.keyDown(cell(0, 0), { key: 'ArrowDown', shiftKey: true })
  expect(lit()).toBe('110 000')
  await fireEvent.keyDown(cell(0, 1), { key: 'ArrowRight' })
  expect(document.activeElement).toBe(cell(1, 1))
  expect([...screen.getByRole('grid').querySelectorAll('[data-cell][tabindex="0"]')]).toEqual([cell(1, 1)])
})

it('says of each cell which hour of which day it is, and whether it is on', () => {
  open()
  expect(cell(1, 1).getAttribute('aria-label')).toBe('周二 00:30–01:00')
  expect(cell(1, 1).getAttribute('aria-pressed')).toBe('false')
  expect([cell(0, 0), cell(1, 0)].map(({ classList }) => classList.contains('was'))).toEqual([true, false])
})

it('switches a whole day, and an hour of every day', async () => {
  open()
  await fireEvent.click(screen.getByText('周二'))
  expect(lit()).toBe('000 111')
  await fireEvent.click(screen.getByText('00:30'))
  expect(lit()).toBe('010 111')
  await fireEvent.click(screen.getByText('周二'))
  expect(lit()).toBe('010 000')
})
