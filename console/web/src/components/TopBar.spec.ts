import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useShift } from '@/stores/shift'
import { show } from '@/testing'

import TopBar from './TopBar.vue'

const open = (role: string, name = 'quiet') => show(TopBar, { role, at: '/here', page: { path: '/here', name }, stubs: { KpiStrip: { template: '<i data-testid="kpi" />' }, ConnectionState: { template: '<i data-testid="connection" />' } } })

it('leads each role to its own sections and marks the one that is open', () => {
  open('operator')
  expect(screen.getByRole('link', { current: 'page' }).textContent).toBe('规则')
  expect(screen.queryByTestId('nav-quarantine')).toBeNull()
  open('developer')
  expect(screen.getByTestId('nav-quarantine')).toBeTruthy()
})

it('keeps the live picture from whoever keeps accounts or records', () => {
  open('auditor', 'audit')
  expect(screen.queryByTestId('connection')).toBeNull()
  expect(screen.queryByTestId('kpi')).toBeNull()
  expect(screen.getByTestId('nav-audit')).toBeTruthy()
})

it('mutes only while somebody is on shift, and says that it is muted', async () => {
  open('operator')
  expect(screen.queryByTestId('mute')).toBeNull()
  useShift().on = true
  await nextTick()
  await fireEvent.click(screen.getByTestId('mute'))
  expect(useShift().muted).toBe(true)
  expect(screen.getByTestId('mute').getAttribute('aria-pressed')).toBe('true')
})
