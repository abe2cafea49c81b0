import { screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useField } from '@/stores/field'
import { show } from '@/testing'

import FieldOrderPage from './FieldOrderPage.vue'

vi.mock('@/composables/useFieldSync', async () => ({ useFieldSync: (await import('@/stores/field')).useField }))
const stubs = { FieldBar: true, FieldClock: true, FieldMoves: true, FieldNotices: true, FieldWaiting: true, FloorPlans: true }
const step = (kind: string, name: string) => ({ code: name, kind, name_zh: name, name_en: name })
const ORDER = { id: 7, title: '', code: 'FIRE-001', severity: 1, state: 'sent', place: 'B1', place_path: [step('county', '罗江'), step('estate', '小区'), step('building', '1 栋')], lat: 31.3, lon: 104.5, drill: false, note: '带钥匙', summary: '', sent_at: '2026-03-01T00:00:00Z', sent_by: 'li', org: 'PM', accepted_at: null, arrived_at: null, case_code: '5106', clocks: [], legal: [] }

async function open(more = {}, id = '7') {
  show(FieldOrderPage, { role: 'field', at: `/field/orders/${id}`, page: { path: '/field/orders/:id' }, stubs })
  useField().orders = [{ ...ORDER, ...more }] as never
  await nextTick()
}

it('says what happened, where below the county, who sent it, and leads there', async () => {
  await open()
  expect(screen.getByRole('heading').textContent).toBe('FIRE-001')
  expect(screen.getByText('小区 · 1 栋')).toBeTruthy()
  expect(screen.getByText('带钥匙')).toBeTruthy()
  expect(screen.getByText(/li → PM/)).toBeTruthy()
  expect(screen.getByTestId('field-amap').getAttribute('href')).toContain('104.5')
  expect(screen.getByTestId('field-geo').getAttribute('href')).toMatch(/^geo:/)
})

it('says that it is a drill, and leads nowhere where the place is not known', async () => {
  await open({ drill: true, lat: null })
  expect(screen.getByText(/演练/).tagName).toBe('B')
  expect(screen.queryByTestId('field-amap')).toBeNull()
})

it('shows how far it is with what has not been sent yet', async () => {
  await open({ role: 'lead' })
  useField().waiting = [{ key: 'k', user: 'me', order: 7, incident: 1, at: '2026-03-01T00:01:00Z', action: 'acknowledge' }]
  await nextTick()
  expect(screen.getByTestId('field-order-page').dataset['state']).toBe('acknowledged')
})

it('says of an order that is no longer theirs where it may have gone', async () => {
  await open({}, '8')
  expect(screen.getByTestId('field-gone').textContent).toContain('已不在您名下')
})
