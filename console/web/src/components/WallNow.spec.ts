import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import WallNow from './WallNow.vue'

const alert = (id: number, state: string) => ({ id, severity: id, code: `C-${id}`, state, estate: 'E1', place: 'E1', raised_at: new Date(Date.now() - 65_000).toISOString() })

it('says what it is, where, since when, and which of them still waits for somebody', () => {
  show(WallNow, { props: { alerts: [alert(1, 'open'), alert(2, 'acknowledged')] } })
  const [first] = screen.getAllByTestId('wall-alert')
  expect(first!.textContent).toMatch(/C-1.*E1.*1 分钟前.*待接警/)
  expect(screen.getByText('待接警').className).toBe('waits')
  expect(screen.getByText('已接警').className).toBe('muted')
  expect(screen.queryByTestId('wall-quiet')).toBeNull()
})

it('says that all is quiet', () => {
  show(WallNow, { props: { alerts: [] } })
  expect(screen.getByTestId('wall-quiet')).toBeTruthy()
})
