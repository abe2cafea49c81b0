import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show, stopClock } from '@/testing'

import GridCard from './GridCard.vue'

const place = (name: string, until: string | null) => ({ place: name, name_zh: name, name_en: name, since: '2026-01-01T00:00:00', until })
const grid = { code: '510681001001001', kind: 'base', name_zh: '第一网格', name_en: 'One', community_zh: '向阳社区', community_en: 'Sunny', households: 320, alt_codes: { 民政: 'A1' }, people: [{ name: '李', roles: ['GRID_WORKER'] }], places: [place('翠湖苑', null), place('老街', '2026-11-01T08:00:00')] }

it('says whose it is, who answers for it, and what belonged to it until when', () => {
  stopClock('2026-11-27T10:00:00')
  show(GridCard, { props: { grid }, role: 'operator' })
  const card = screen.getByTestId('grid').textContent!
  expect(card).toMatch(/第一网格.*基础网格.*510681001001001/)
  expect(card).toMatch(/向阳社区 · 320 户 · 民政 A1/)
  expect(card).toContain('李 (GRID_WORKER)')
  expect(card).toMatch(/翠湖苑老街 至 11\/01 08:00:00/)
})

it('is changed by who leads, and by nobody else', async () => {
  const { emitted, unmount } = show(GridCard, { props: { grid }, role: 'shift_leader' })
  await fireEvent.click(screen.getByTestId('grid-edit'))
  expect(emitted('edit')).toHaveLength(1)
  unmount()
  show(GridCard, { props: { grid }, role: 'property' })
  expect(screen.queryByTestId('grid-edit')).toBeNull()
})

it('leaves out what is not known', () => {
  show(GridCard, { props: { grid: { ...grid, households: null, alt_codes: {}, people: [], places: [] } } })
  expect(screen.getByTestId('grid').textContent).not.toMatch(/户|责任人|包含/)
})
