import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import BuildingElevation from './BuildingElevation.vue'

const place = (code: string, name_zh: string, path: string[]) => ({ code, name_zh, name_en: code, path })
const unit = { code: 'B-U2', place: place('B-U2', '3栋2单元', ['B', 'B-U2']), rooms: 1 }
const cell = (marked: boolean) => ({ place: place('B-U2-502', '3栋2单元502室', ['B', 'B-U2', 'B-U2-502']), marked })
const elevation = (exact: boolean, row = { level: 5, cells: [cell(true)], marked: false }) => ({ building: place('B', '3栋', ['B']), exact, units: [unit], rows: [row, { level: 4, cells: [{ place: null, marked: false }], marked: false }] })

it('marks the room by its number, without what its unit already says', () => {
  show(BuildingElevation, { props: { elevation: elevation(true), severity: 1 } })
  expect(screen.getByRole('figure').textContent).toMatch(/3栋 立面图.*5层.*4层.*3栋2单元/s)
  expect(screen.getByTestId('elevation-mark').textContent.trim()).toBe('502室')
  expect(screen.getByText('5层').className).toContain('marked')
  expect(screen.getByText('4层').className).not.toContain('marked')
})

it('shows how far it may reach and names no room where none is known', () => {
  show(BuildingElevation, { props: { elevation: elevation(false), severity: 2 } })
  expect(screen.getByTestId('elevation').className).toContain('range')
  expect(screen.getByTestId('elevation-mark').textContent.trim()).toBe('')
})
