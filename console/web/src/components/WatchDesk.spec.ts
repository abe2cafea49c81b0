import { screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useAlerts } from '@/stores/alerts'
import { show } from '@/testing'

import WatchDesk from './WatchDesk.vue'

vi.mock('@/composables/useWatchkeeping', () => ({ useWatchkeeping: () => undefined }))
const part = (name: string) => ({ template: `<i data-testid="${name}" />` })
const open = (meta: object) => show(WatchDesk, { role: 'operator', at: '/here', page: { path: '/here', meta }, stubs: { TopBar: part('top'), UrgentBanner: part('urgent'), ShiftBar: part('shift'), StaleBar: part('stale') } })

it('stands around the page with its bar, its bell and its warnings', () => {
  open({})
  for (const id of ['top', 'urgent', 'shift', 'stale']) expect(screen.getByTestId(id)).toBeTruthy()
})

it('puts nothing to press on the wall, and yet says that its figures are old', () => {
  open({ wall: true })
  for (const id of ['top', 'urgent', 'shift']) expect(screen.queryByTestId(id)).toBeNull()
  expect(screen.getByTestId('stale')).toBeTruthy()
})

it('says in the title of the browser tab how many urgent ones wait', async () => {
  open({})
  expect(document.title).not.toContain('紧急')
  useAlerts().take({ id: 1, version: 1, severity: 1, state: 'open', raised_at: '2026-03-01T00:00:00Z' } as never)
  await nextTick()
  expect(document.title).toBe('(1) 紧急告警待接警 1 条')
})
