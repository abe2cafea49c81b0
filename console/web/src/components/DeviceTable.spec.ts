import { screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { usePlaces } from '@/stores/places'
import { Refusal, serve, settled, show } from '@/testing'

import DeviceTable from './DeviceTable.vue'

const device = (id: string, more = {}) => ({ id, estate: 'E', place: 'E', profile: 'smoke', name_zh: `名${id}`, name_en: id, online: true, last_seen: null, lifecycle: 'active', ...more })
const open = (devices: object[], answers = {}) => {
  const api = serve({ 'GET /api/places': { items: [] }, 'GET /api/devices': { items: [], next: null }, 'GET /api/devices/health': { items: [], next: null, causes: [] }, ...answers })
  show(DeviceTable, { props: { devices }, stubs: { HealthCells: true } })
  return api
}

it('says how each one is, in words, and leads to it', () => {
  open([device('a'), device('b', { online: false, lifecycle: 'maintenance' }), device('c', { online: null })])
  const rows = screen.getAllByTestId('device-row')
  expect(rows.map((row) => row.querySelector('.status')!.className)).toEqual(['status online', 'status offline', 'status unknown'])
  expect(rows[0]!.textContent).not.toContain('在用')
  expect(rows[1]!.textContent).toContain('维护中')
  expect(rows[2]!.textContent).toContain('从未')
  expect(within(rows[0]!).getByRole('link', { name: '名a' }).getAttribute('href')).toBe('/device/a')
})

it('believes the live feed more than the list', async () => {
  open([device('a')], { 'GET /api/devices': { items: [device('a', { online: false })], next: null } })
  await settled()
  expect(usePlaces().devices.get('E')).toHaveLength(1)
  expect(screen.getByTestId('device-row').querySelector('.status')!.className).toContain('offline')
})

it('asks once for each estate, and is still a list where health does not come', async () => {
  const { calls } = open([device('a'), device('b'), device('c', { estate: 'F' })], { 'GET /api/devices/health': new Refusal(503), 'GET /api/places': new Refusal(503) })
  await settled()
  expect(calls('GET').filter(([path]) => path === '/api/devices/health')).toHaveLength(2)
  expect(screen.getAllByTestId('device-row')).toHaveLength(3)
})
