import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import ThresholdsPage from './ThresholdsPage.vue'

const rule = (id: string, from: string) => ({ rule: id, code: id, name_zh: `名${id}`, name_en: id, params: [{ from_scope: from }] })
const PLACES = { items: [{ code: 'E1', kind: 'estate', path: ['E1'], name_zh: '小区', name_en: 'Estate' }] }
const stubs = { ScopePicker: { template: '<button data-testid="scope" @click="$emit(\'update:modelValue\', \'B1\')">{{ modelValue }}</button>', props: ['modelValue'], emits: ['update:modelValue'] }, ThresholdCard: { template: '<button data-testid="card" @click="$emit(\'changed\', { ...rule, name_zh: \'新\' })">{{ rule.name_zh }} {{ scopeName }}</button>', props: ['rule', 'scope', 'scopeName'], emits: ['changed'] } }
function open(at = '/thresholds', answer: unknown = (wish: { params: { query: { scope: string } } }) => ({ scope: wish.params.query.scope, items: [rule('FIRE-001', 'rule'), rule('SEC-002', 'E1')] })) {
  const { calls } = serve({ 'GET /api/places': PLACES, 'GET /api/devices': { items: [] }, 'GET /api/thresholds': answer })
  return { ...show(ThresholdsPage, { role: 'property', at, stubs }), asked: () => calls('GET').filter(([path]) => path === '/api/thresholds').map((call) => (call[1] as { params: { query: { scope: string } } }).params.query.scope) }
}
const cards = () => screen.queryAllByTestId('card').map((card) => card.textContent)

it('begins with the first estate, and shows those found or changed only', async () => {
  open()
  await waitFor(() => expect(cards()).toEqual(['名FIRE-001 小区', '名SEC-002 小区']))
  await fireEvent.click(screen.getByTestId('threshold-mine'))
  expect(cards()).toEqual(['名SEC-002 小区'])
  await fireEvent.update(screen.getByTestId('threshold-q'), 'fire')
  expect(screen.getByText('没有带参数的规则')).toBeTruthy()
})

it('keeps the scope in the address and asks for another one’s numbers', async () => {
  const { router, asked } = open('/thresholds?scope=d1&estate=E1')
  await waitFor(() => expect(cards()).toEqual(['名FIRE-001 d1', '名SEC-002 d1']))
  await fireEvent.click(screen.getByTestId('scope'))
  await waitFor(() => expect(asked()).toEqual(['d1', 'B1']))
  expect(router.currentRoute.value.query).toEqual({ scope: 'B1', estate: 'E1' })
})

it('shows a change at once, without reading all again', async () => {
  const { asked } = open('/thresholds?scope=E1')
  await fireEvent.click((await screen.findAllByTestId('card'))[0]!)
  expect(cards()[0]).toContain('新')
  expect(asked()).toEqual(['E1'])
})

it('says why they could not be read', async () => {
  open('/thresholds', new Refusal(403, { title: 'x', detail: '不在辖区' }))
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(screen.queryByText('没有带参数的规则')).toBeNull()
})
