import { screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import RuleShadow from './RuleShadow.vue'

it('shows what a version would have said, in words, and that nobody was told', () => {
  show(RuleShadow, { props: { said: [{ at: '2026-03-01T00:00:00Z', verb: 'raise', version: 3, place: 'EST1-B1', subject: 'smoke-1', reason: 'x', severity: 1 }] } })
  expect(screen.getByText(/没有通知任何人/)).toBeTruthy()
  const cells = within(screen.getAllByRole('row')[1]!).getAllByRole('cell').map((cell) => cell.textContent)
  expect(cells.slice(1)).toEqual(['3', '会告警', '紧急', 'EST1-B1', 'smoke-1', 'x'])
})

it('says so where it said nothing', () => {
  show(RuleShadow, { props: { said: [] } })
  expect(screen.getByText(/至今一言未发/)).toBeTruthy()
  expect(screen.queryByRole('table')).toBeNull()
})
