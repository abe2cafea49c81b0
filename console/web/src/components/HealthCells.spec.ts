import { expect, it } from 'vitest'

import { show } from '@/testing'

import HealthCells from './HealthCells.vue'

const HEALTH = { link: { status: 'down' }, flapping: { flapping: true }, held_by: 'gw-1', data: { status: 'stale' }, self_test: { status: 'failed' }, battery: { percent: 12, low: true, empty_on: '2026-12-24T00:00:00Z' } }

function cells(health?: object): string[] {
  const row = document.body.appendChild(document.createElement('tr'))
  const { container } = show({ components: { HealthCells }, data: () => ({ health }), template: '<table><tbody><tr><HealthCells :health="health" /></tr></tbody></table>' })
  row.remove()
  return [...container.querySelectorAll('td')].map((cell) => cell.textContent!.trim())
}

it('says of link, data, self-test and battery what is wrong with each', () => {
  expect(cells(HEALTH)).toEqual(['已断开反复上下线因网关 gw-1 断开', '过期', '未通过', '12%预计 2026-12-24 耗尽'])
})

it('says nothing of what is not known', () => {
  expect(cells()).toEqual(['—', '—', '—', '—'])
  expect(cells({ ...HEALTH, battery: null, held_by: null, flapping: { flapping: false } })[3]).toBe('—')
})
