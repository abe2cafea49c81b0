import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useField } from '@/stores/field'
import { show } from '@/testing'

import FieldOrderCard from './FieldOrderCard.vue'

const step = (kind: string, name: string) => ({ kind, name_zh: name, name_en: name })
const path = [step('city', '某市'), step('estate', '翠湖苑'), step('building', '3栋'), step('room', '3栋502室')]
const order = { id: 7, incident_id: 9, role: 'lead', incident_state: 'dispatched', state: 'sent', severity: 1, title: '', code: 'FIRE-001', drill: false, place_path: path, sent_at: '2026-11-27T10:00:00Z', clocks: [{ clock: 'sign', running: true, met_at: null, due_at: '2099-01-01T00:00:00Z', amber_at: null }] }

it('says what, where below the city and how it stands, and leads to the order', () => {
  show(FieldOrderCard, { props: { order }, role: 'field' })
  const card = screen.getByTestId('field-order')
  expect(card.getAttribute('href')).toBe('/field-order/7')
  expect(card.textContent).toContain('FIRE-001')
  expect(card.textContent).toContain('翠湖苑 · 3栋502室')
  expect(card.textContent).toContain('已派单')
  expect(card.textContent).not.toMatch(/协助|演练|未发送/)
  expect(screen.getByTestId('field-clock')).toBeTruthy()
})

it('marks a drill and who only assists', () => {
  show(FieldOrderCard, { props: { order: { ...order, drill: true, role: 'assist', title: '老人跌倒' } }, role: 'field' })
  expect(screen.getByTestId('field-order').textContent).toMatch(/老人跌倒.*协助.*演练/)
})

it('stands where it will stand once the step that waits has arrived', async () => {
  show(FieldOrderCard, { props: { order }, role: 'field' })
  useField().waiting = [{ key: 'k', user: 'me', order: 7, incident: 9, at: '', action: 'acknowledge' }]
  await nextTick()
  expect(screen.getByTestId('field-order').textContent).toMatch(/已签收.*未发送/)
  expect(screen.queryByTestId('field-clock')).toBeNull()
})
