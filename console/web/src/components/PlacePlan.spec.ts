import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import DevicePlan from './DevicePlan.vue'
import FloorPlans from './FloorPlans.vue'
import PlacePlan from './PlacePlan.vue'

const said = (data: unknown) => Promise.resolve({ data, response: new Response(null) })
const nowhere = { template: '<p />' }
const step = (code: string, kind: string) => ({ code, kind, name_zh: `名${code}`, name_en: code })
const pin = { device: 'd1', name_zh: '烟感', name_en: 'Smoke', profile: 'smoke_sensor', online: true, x: 0.25, y: 0.5 }
const plan = (place: string, pins: unknown[] = []) => ({ ...step(place, 'building'), place, sha256: place, width: 4, height: 2, by_whom: 'w', at: '', pins })

function serve(items: unknown[]): void {
  vi.spyOn(api, 'GET').mockImplementation(((path: string) => said(path === '/api/floor-plans' ? { items } : new Blob(['x']))) as never)
}
async function open(component: never, props: object, role: string) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: nowhere }, { path: '/device/:id', name: 'device', component: nowhere }] })
  const pinia = createPinia()
  useSession(pinia).me = { role } as never
  return render(component, { props: props as never, global: { plugins: [i18n, pinia, router] } })
}

beforeEach(() => {
  URL.createObjectURL = vi.fn(() => 'blob:x')
  URL.revokeObjectURL = vi.fn()
})

it('brings a plan to a place that has none, and only who manages it may', async () => {
  serve([plan('EST1')]) // of the estate around it
  const put = vi.spyOn(api, 'PUT').mockImplementation((() => said(plan('EST1-B1'))) as never)
  await open(PlacePlan as never, { place: step('EST1-B1', 'building') }, 'property')
  await waitFor(() => expect(screen.getByTestId('place-plan').textContent).toContain('还没有平面图'))
  const file = new File(['x'], 'plan.png', { type: 'image/png' })
  await fireEvent.change(screen.getByTestId('plan-file'), { target: { files: [file] } })
  await waitFor(() => expect(put.mock.calls[0]).toMatchObject(['/api/floor-plans/{place}', { params: { path: { place: 'EST1-B1' } }, body: file }]))
  cleanup()
  await open(PlacePlan as never, { place: step('EST1-B1', 'building') }, 'operator')
  expect(screen.queryByTestId('plan-file')).toBeNull()
})

it('shows the plan on which the device hangs, and on foot its pin is no link', async () => {
  serve([plan('EST1-B1'), plan('EST1', [pin])])
  await open(FloorPlans as never, { device: 'd1', place: 'EST1-B1' }, 'operator')
  const link = await screen.findByTestId('plan-pin')
  expect([link.getAttribute('href'), screen.getByTestId('floor-plan').dataset['place']]).toEqual(['/device/d1', 'EST1'])
  await fireEvent.update(screen.getByTestId('plan-which'), 'EST1-B1')
  await waitFor(() => expect(screen.getByTestId('floor-plan').dataset['place']).toBe('EST1-B1'))
  cleanup()
  await open(FloorPlans as never, { device: 'd1', place: 'EST1' }, 'field')
  expect((await screen.findByTestId('plan-pin')).getAttribute('href')).toBeNull()
})

it('is silent where no plan is near', async () => {
  serve([])
  await open(FloorPlans as never, { place: 'EST1' }, 'field')
  await waitFor(() => expect(api.GET).toHaveBeenCalled())
  expect(screen.queryByTestId('floor-plans')).toBeNull()
})

it('offers the narrowest place of a device first and takes its pin off', async () => {
  serve([plan('EST1-B1', [pin])])
  const drop = vi.spyOn(api, 'DELETE').mockImplementation((() => said(plan('EST1-B1'))) as never)
  const device = { id: 'd1', place_path: [step('510681', 'city'), step('EST1', 'estate'), step('EST1-B1', 'building')] }
  await open(DevicePlan as never, { device }, 'property')
  await fireEvent.click(await screen.findByTestId('plan-unpin'))
  expect([...screen.getByTestId<HTMLSelectElement>('plan-place').options].map(({ value }) => value)).toEqual(['EST1-B1', 'EST1'])
  expect(drop.mock.calls[0]).toMatchObject(['/api/floor-plans/{place}/pins/{device}', { params: { path: { place: 'EST1-B1', device: 'd1' } } }])
  await waitFor(() => expect(screen.queryByTestId('plan-unpin')).toBeNull())
})
