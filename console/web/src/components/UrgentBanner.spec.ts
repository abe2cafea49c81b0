import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useAlerts } from '@/stores/alerts'
import { useShift } from '@/stores/shift'
import { show } from '@/testing'

import UrgentBanner from './UrgentBanner.vue'

const alert = (id: number, more = {}) => ({ id, version: 1, code: `C-${id}`, severity: 1, state: 'open', estate: 'E1', place: 'E1', raised_at: `2026-03-01T00:00:0${id}Z`, acked_at: null, ended_at: null, ...more })

async function open(alerts: object[], at = '/devices') {
  const shown = show(UrgentBanner, { at, page: { path: '/watch/:id?', name: 'watch' } })
  for (const one of alerts) useAlerts().take(one as never)
  await nextTick()
  return shown
}

it('shows the urgent one that has waited longest, how many wait, and that nothing rings', async () => {
  const { router } = await open([alert(2), alert(1), alert(3, { severity: 2 }), alert(4, { acked_at: '2026-03-01T00:01:00Z', state: 'acknowledged' })])
  expect(screen.getByRole('alert').textContent).toMatch(/紧急告警待接警 2 条.*C-1.*声音未开启/)
  await fireEvent.click(screen.getByTestId('banner-show'))
  await waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/watch/1'))
})

it('keeps the filter of whoever watches already', async () => {
  const { router } = await open([alert(1)], '/watch/9?severity=1')
  await fireEvent.click(screen.getByTestId('banner-show'))
  await waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/watch/1?severity=1'))
})

it('says that it rings, and is not there where nothing urgent waits', async () => {
  await open([alert(1)])
  useShift().on = true
  await nextTick()
  expect(screen.getByTestId('banner-urgent').textContent).toContain('正在响铃')
  useAlerts().take(alert(1, { version: 2, ended_at: '2026-03-01T00:01:00Z' }) as never)
  await nextTick()
  expect(screen.queryByRole('alert')).toBeNull()
})
