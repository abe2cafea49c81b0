import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import DevicePlan from './DevicePlan.vue'

const step = (code: string, kind: string) => ({ code, kind, name_zh: `名${code}`, name_en: code })
const device = { id: 'smoke-1', place_path: [step('C', 'community'), step('E', 'estate'), step('B', 'building'), step('R', 'room')] }
const plan = (pins: object[] = []) => ({ place: 'B', name_zh: '名B', name_en: 'B', pins })
const PIN = '/api/floor-plans/{place}/pins/{device}'
const stubs = { FloorPlanView: { props: ['plan', 'hot', 'placing'], emits: ['pin'], template: '<p @click="$emit(\'pin\', { x: 0.2, y: 0.4 })">plan of {{ plan.place }}{{ placing ? " placing" : "" }}</p>' } }
const open = async (role: string, plans: unknown, more = {}) => {
  const api = serve({ 'GET /api/floor-plans': plans, ...more })
  const view = show(DevicePlan, { props: { device }, role, stubs })
  await settled()
  return { ...api, ...view }
}

it('shows the narrowest place around it that has a plan, and says that it hangs nowhere on it', async () => {
  await open('operator', { items: [plan()] })
  expect(screen.getByText('plan of B')).toBeTruthy()
  expect(screen.getByText('设备尚未标在这张图上。')).toBeTruthy()
  expect([...screen.getByTestId<HTMLSelectElement>('plan-place').options].map(({ text }) => text)).toEqual(['名R', '名B ✓', '名E'])
  for (const one of ['plan-place-it', 'plan-drop', 'plan-file']) expect(screen.queryByTestId(one), 'an operator only looks').toBeNull()
})

it('is pinned where a manager points, and taken off again', async () => {
  const hung = plan([{ device: 'smoke-1', x: 0.2, y: 0.4 }])
  const { calls } = await open('property', { items: [plan()] }, { [`PUT ${PIN}`]: hung, [`DELETE ${PIN}`]: plan() })
  await fireEvent.click(screen.getByTestId('plan-place-it'))
  await fireEvent.click(screen.getByText('plan of B placing'))
  await settled()
  expect(calls('PUT')[0]![1]).toMatchObject({ params: { path: { place: 'B', device: 'smoke-1' } }, body: { x: 0.2, y: 0.4 } })
  await fireEvent.click(screen.getByTestId('plan-unpin'))
  await settled()
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { place: 'B', device: 'smoke-1' } } })
  expect(screen.queryByTestId('plan-unpin')).toBeNull()
})

it('the plan is taken away when somebody is sure; another place has none', async () => {
  const { calls } = await open('property', { items: [plan()] }, { 'DELETE /api/floor-plans/{place}': null })
  await fireEvent.click(screen.getByTestId('plan-drop'))
  await agree()
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { place: 'B' } } })
  await fireEvent.update(screen.getByTestId('plan-place'), 'E')
  expect(screen.getByText(/这里还没有平面图/)).toBeTruthy()
  expect(screen.queryByTestId('plan-drop')).toBeNull()
})

it('tells no plan from no answer', async () => {
  await open('property', new Refusal(503, { title: 'away' }))
  expect(screen.getByRole('alert').textContent).toContain('away')
  expect(screen.queryByText(/这里还没有平面图/)).toBeNull()
})
