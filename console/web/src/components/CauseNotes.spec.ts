import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useHealth } from '@/stores/health'
import { show } from '@/testing'

import CauseNotes from './CauseNotes.vue'

it('says once what many silent devices have in common, and nothing without it', async () => {
  show(CauseNotes)
  expect(screen.queryByRole('list')).toBeNull()
  useHealth().causes = [{ kind: 'gateway', ref: 'gw-1', offline: 5, of: 6 }, { kind: 'place', ref: 'EST1-B1', offline: 3, of: 9 }] as never
  await nextTick()
  expect(screen.getByRole('list', { name: '共同原因' })).toBeTruthy()
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(['网关 gw-1 断开：6 台中 5 台离线', 'EST1-B1 多台设备同时离线：9 台中 3 台离线'])
})
