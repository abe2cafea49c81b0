import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import ResourcesPage from './ResourcesPage.vue'

const resource = (id: string, more = {}) => ({ id, kind: 'aed', name_zh: `名${id}`, name_en: id, place_zh: '大门', place_en: 'Gate', quantity: 1, state: 'ready', version: 3, checked_at: null, unchecked: true, expires_on: '2026-01-01', expired: true, position: null, ...more })
const ANSWERS = { 'GET /api/places': { items: [{ code: 'E1', kind: 'estate', path: ['E1'], name_zh: '小区', name_en: 'Estate' }] }, 'GET /api/organisation': { roles: [], skills: [], resource_kinds: [{ code: 'aed', name_zh: '除颤器', name_en: 'AED' }], neighbours: [] }, 'GET /api/resources': { items: [resource('a'), resource('b', { own: false })] } }
async function open(role: string, answers: object = {}) {
  const { calls } = serve({ ...ANSWERS, ...answers })
  show(ResourcesPage, { role, stubs: { ResourceForm: true } })
  return { calls, rows: await screen.findAllByTestId('resource-row') }
}
const inspect = (row: HTMLElement) => within(row).getByLabelText<HTMLSelectElement>('巡检')

it('says that it was never looked at and is over its date', async () => {
  const { rows } = await open('developer')
  await waitFor(() => expect(rows[0]!.textContent).toMatch(/名a.*除颤器.*大门.*可用.*从未巡检.*已过期/))
  expect(within(rows[0]!).queryByLabelText('巡检')).toBeNull()
  expect(screen.queryByTestId('resource-new')).toBeNull()
})

it('writes down what somebody found, against the version they saw', async () => {
  const { calls, rows } = await open('operator', { 'PATCH /api/resources/{resource_id}': {} })
  await fireEvent.update(inspect(rows[0]!), 'faulty')
  await waitFor(() => expect(calls('PATCH')[0]).toMatchObject(['/api/resources/{resource_id}', { params: { path: { resource_id: 'a' } }, body: { state: 'faulty', checked: true, version: 3 } }]))
  await waitFor(() => expect(calls('GET').filter(([path]) => path === '/api/resources')).toHaveLength(2))
})

it('shows what stands and says why where it was refused', async () => {
  const { rows } = await open('operator', { 'PATCH /api/resources/{resource_id}': new Refusal(409, { title: 'x', detail: '已被他人修改' }) })
  await fireEvent.update(inspect(rows[0]!), 'missing')
  await screen.findByRole('alert')
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('已被他人修改')
  expect(inspect(rows[0]!).value).toBe('ready')
})

it('finds the nearest to a place, and lets nobody correct what is another estate’s', async () => {
  const { calls, rows } = await open('property', { 'GET /api/resources/nearest': { items: [resource('c', { distance_m: 120, basis: 'globe' })] } })
  expect(within(rows[0]!).getByTestId('resource-edit')).toBeTruthy()
  expect(within(rows[1]!).queryByTestId('resource-edit')).toBeNull()
  await fireEvent.update(screen.getByTestId('resource-near'), 'E1')
  await waitFor(() => expect(screen.getByTestId('resource-row').textContent).toMatch(/120 米 按经纬度/))
  expect(calls('GET').at(-1)).toEqual(['/api/resources/nearest', { params: { query: { place: 'E1', kind: undefined } } }])
})
