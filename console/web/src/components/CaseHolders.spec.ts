import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useHolds } from '@/stores/holds'
import { show } from '@/testing'

import CaseHolders from './CaseHolders.vue'

const hold = (who: string, alert: number, left = 60_000) => ({ alert, incident: null, who, name: `名${who}`, since: new Date().toISOString(), until: new Date(Date.now() + left).toISOString() }) as never

it('says which others have this alert open, as soon as they have', async () => {
  show(CaseHolders, { props: { alert: 7 }, role: 'operator' })
  expect(screen.queryByRole('status')).toBeNull()
  for (const one of [hold('li', 7), hold('me', 7), hold('wang', 8), hold('zhao', 7, -60_000)]) useHolds().take(one)
  await nextTick()
  expect(screen.getAllByRole('status').map(({ dataset }) => dataset['who'])).toEqual(['li'])
  expect(screen.getByRole('status').textContent).toMatch(/名li 已打开此告警.*请先沟通/)
})
