import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { afterEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useAlerts } from '@/stores/alerts'
import { serve, settled, show } from '@/testing'

import WatchPage from './WatchPage.vue'

const alert = (id: number, more = {}) => ({ id, version: 1, severity: 2, code: `C-${id}`, state: 'open', estate: 'E1', place: `P${id}`, device: `d${id}`, subject: `d${id}`, raised_at: `2026-03-01T00:00:0${id}Z`, acked_at: null, ended_at: null, legal: ['acknowledge'], ...more })
const stubs = { AlertQueue: { template: '<div><i data-testid="queue">{{ items.map((one) => one.alert.id).join() }} {{ selected }} {{ selection ? 1 : 0 }}</i><slot /></div>', props: ['items', 'selected', 'selection'] }, CasePane: { template: '<div><i data-testid="case">{{ alert?.id }}</i><slot /></div>', props: ['alert', 'detail', 'missing', 'actions', 'group'] }, MapPane: { template: '<i data-testid="map" />' }, QueueFilters: true, BulkAcknowledge: true, HelpDialog: true }

async function open(role: string, alerts: object[], { at = '/watch', phone = false } = {}) {
  vi.stubGlobal('matchMedia', (query: string) => ({ matches: query.includes('max') === phone, addEventListener: () => undefined, removeEventListener: () => undefined }))
  serve({ 'GET /api/alerts/{alert_id}': (wish: { params: { path: { alert_id: number } } }) => alert(wish.params.path.alert_id) })
  const shown = show(WatchPage, { role, at, page: { path: '/watch/:id?', name: 'watch' }, stubs })
  for (const one of alerts) useAlerts().take(one as never)
  useAlerts().loaded = true
  await nextTick()
  await settled()
  return { ...shown, path: () => shown.router.currentRoute.value.fullPath }
}
const press = (key: string) => fireEvent.keyDown(document.body, { key })
afterEach(() => vi.unstubAllGlobals())

it('opens the first by itself, and lets one step through the queue without a mouse', async () => {
  const { path } = await open('operator', [alert(1), alert(2), alert(3, { severity: 1 })])
  await waitFor(() => expect(path()).toBe('/watch/3'))
  expect(screen.getByTestId('queue-count').textContent).toBe('共 3 条')
  await press('j')
  await waitFor(() => expect(path()).toBe('/watch/2'))
  await press('k')
  await waitFor(() => expect(path()).toBe('/watch/3'))
  await press('k')
  await settled()
  expect(path()).toBe('/watch/3')
})

it('keeps what is open where a graver one comes, so that no button changes its meaning underhand', async () => {
  const { path } = await open('operator', [alert(1)], { at: '/watch/1?severity=2' })
  useAlerts().take(alert(2) as never)
  await settled()
  expect(path()).toBe('/watch/1?severity=2')
  expect(screen.getByTestId('case').textContent).toBe('1')
})

it('chooses nothing by itself on a phone, where that would hide the queue', async () => {
  const { path } = await open('operator', [alert(1)], { phone: true })
  expect(path()).toBe('/watch')
  expect(screen.getByTestId('case').textContent).toBe('')
})

it('lets whoever only watches choose no rows and report no case', async () => {
  const first = await open('developer', [alert(1)])
  expect(screen.getByTestId('queue').textContent).toMatch(/ 0$/)
  expect(screen.queryByTestId('case-new')).toBeNull()
  await press('n')
  await settled()
  expect(first.path()).toBe('/watch/1')
  first.unmount()
  const second = await open('property', [])
  await press('n')
  await waitFor(() => expect(second.path()).toBe('/newCase'))
})

it('tells a quiet night from a filter that finds nothing', async () => {
  const { unmount } = await open('operator', [])
  expect(screen.getByText('目前没有告警，一切正常')).toBeTruthy()
  unmount()
  await open('operator', [alert(1)], { at: '/watch/1?severity=4' })
  expect(screen.getByText('没有符合条件的告警')).toBeTruthy()
})
