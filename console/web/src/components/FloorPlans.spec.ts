import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import FloorPlans from './FloorPlans.vue'

const plan = (place: string, ...devices: string[]) => ({ place, name_zh: `名${place}`, name_en: place, pins: devices.map((device) => ({ device })) })
const look = { stubs: { FloorPlanView: { props: ['plan', 'hot'], template: '<i data-testid="view">{{ plan.place }} {{ hot }}</i>' } }, slots: { default: '没有图' } }
const open = (items: unknown, props: object) => {
  const api = serve({ 'GET /api/floor-plans': items instanceof Refusal ? items : { items } })
  show(FloorPlans, { props: { place: 'B1', ...props }, ...look })
  return api
}

it('opens the plan on which the device hangs, and another that is chosen', async () => {
  const { calls } = open([plan('B1'), plan('E', 'd1')], { device: 'd1' })
  expect((await screen.findByTestId('view')).textContent).toBe('E d1')
  expect(calls('GET')[0]![1]).toEqual({ params: { query: { device: 'd1' } } })
  await fireEvent.update(screen.getByTestId('plan-which'), 'B1')
  expect(screen.getByTestId('view').textContent).toBe('B1 d1')
})

it('opens the narrowest where the device hangs on none, and says so', async () => {
  open([plan('B1')], { device: 'd1' })
  expect((await screen.findByTestId('view')).textContent).toContain('B1')
  expect(screen.getByTestId('floor-plans').textContent).toContain('名B1')
  expect(screen.getByText('设备尚未标在这张图上。')).toBeTruthy()
  expect(screen.queryByTestId('plan-which')).toBeNull()
})

it('leaves the word to what stands in it where there is no plan', async () => {
  const { calls } = open([], {})
  expect(await screen.findByText('没有图')).toBeTruthy()
  expect(calls('GET')[0]![1]).toEqual({ params: { query: { place: 'B1' } } })
})

it('says why the plans could not be read', async () => {
  open(new Refusal(403, { title: '不在辖区', status: 403 }), {})
  expect((await screen.findByRole('alert')).textContent).toContain('无权操作')
  expect(screen.queryByText('没有图')).toBeNull()
})
