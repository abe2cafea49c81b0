import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'

import type { Alert } from '@/api/types'
import { useAlerts } from '@/stores/alerts'

import { cards } from './groups'
import { useSelection } from './useSelection'

const alert = (id: number, more: Partial<Alert> = {}): Alert => ({ id, severity: 2, state: 'open', raised_at: '2026-03-01T03:00:00+08:00', group_key: '', version: 1, ended_at: null, legal: ['acknowledge'], ...more }) as Alert
const ids = (alerts: readonly Alert[]): number[] => alerts.map(({ id }) => id)

beforeEach(() => setActivePinia(createPinia()))

it('chooses a row with its group, a range with shift, and keeps the gravest apart', () => {
  const alerts = useAlerts()
  for (const one of [alert(1, { severity: 1 }), alert(2, { group_key: 'g' }), alert(3, { group_key: 'g', legal: ['close'] }), alert(4), alert(5)]) alerts.take(one)
  const list = cards(alerts.active)
  const { toggle, chosen, clear, ids: set } = useSelection(() => list)
  expect(list.map((card) => card.alert.id)).toEqual([1, 5, 4, 3])
  toggle(list[3]!)
  expect([ids(chosen.value.all), chosen.value.past]).toEqual([[2], 1])
  toggle(list[0]!, true)
  expect(ids(chosen.value.grave)).toEqual([1])
  expect(ids(chosen.value.others).sort()).toEqual([2, 4, 5])
  expect(set.value.size).toBe(5)
  toggle(list[1]!)
  expect(set.value.has(5)).toBe(false)
  clear()
  expect(chosen.value.all).toEqual([])
})
