import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import CaseGroup from './CaseGroup.vue'

const alert = (id: number) => ({ id, code: 'FIRE-001', severity: 1, place: 'EST1', state: 'acknowledged', raised_at: new Date().toISOString() })

it('leads to each of the other alerts and says how it stands', () => {
  show(CaseGroup, { props: { alerts: [alert(3), alert(4)] } })
  expect(screen.getByRole('heading').textContent).toContain('2 条')
  expect(screen.getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual(['/watch/3', '/watch/4'])
  expect(screen.getAllByText(/已接警/)).toHaveLength(2)
})

it('is not there for an alert that stands alone', () => {
  show(CaseGroup, { props: { alerts: [] } })
  expect(screen.queryByTestId('case-group')).toBeNull()
})
