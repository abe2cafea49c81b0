import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import DevicePage from './DevicePage.vue'

const step = (code: string) => ({ code, kind: 'estate', name_zh: `名${code}`, name_en: code })
const DEVICE = { id: 'd1', name_zh: '烟感', name_en: 'Smoke', profile: 'smoke_sensor', lifecycle: 'active', online: false, estate: 'E1', place_path: [step('E1'), step('B1')], config_status: null }
const PARTS = ['CameraDesk', 'DeviceCommands', 'DeviceConfig', 'DeviceCredentials', 'DeviceHealth', 'DeviceHistory', 'DeviceOverview', 'DeviceWhy']
const stubs = Object.fromEntries(PARTS.map((name) => [name, { template: `<i data-testid="part">${name}</i>` }]))

function open(role: string, answer: unknown = DEVICE, tab = '') {
  serve({ 'GET /api/devices/{device_id}': answer, 'GET /api/places': { items: [] }, 'GET /api/devices': { items: [] } })
  show(DevicePage, { role, at: `/device/d1${tab && `?tab=${tab}`}`, page: { path: '/device/:id' }, stubs })
}
const tabs = () => screen.getAllByRole('tab').map((tab) => tab.dataset['testid'])

it('says what it is, where it is and that it is offline, and leads a manager to its places, hours and test', async () => {
  open('property')
  expect((await screen.findByRole('heading')).textContent).toBe('烟感')
  expect(screen.getByText('离线').className).toContain('warn')
  expect(screen.getByText('名B1').getAttribute('href')).toBe('/place/B1')
  expect(screen.getByTestId('device-hours').getAttribute('href')).toBe('/thresholds?estate=E1&scope=d1')
  expect(screen.getByTestId('device-test').getAttribute('href')).toBe('/quiet?scope=d1&kind=test')
  expect(tabs()).toContain('tab-credentials')
  expect(tabs()).not.toContain('tab-camera')
  expect(screen.getByTestId('part').textContent).toBe('DeviceOverview')
})

it('keeps its login from whoever only watches, whatever the address says, and links no place a developer may not open', async () => {
  open('developer', { ...DEVICE, profile: 'camera' }, 'credentials')
  await screen.findByRole('heading')
  expect(tabs()).not.toContain('tab-credentials')
  expect(tabs()).toContain('tab-camera')
  expect(screen.getByTestId('part').textContent).toBe('DeviceOverview')
  expect(screen.getByText('名B1', { exact: false }).tagName).toBe('P')
  expect(screen.queryByTestId('device-hours')).toBeNull()
})

it('opens the tab of the address', async () => {
  open('operator', DEVICE, 'why')
  expect((await screen.findByTestId('part')).textContent).toBe('DeviceWhy')
})

it('tells a device that is gone from one that could not be read', async () => {
  open('operator', new Refusal(404))
  expect(await screen.findByText('设备不存在，或不在您的辖区内')).toBeTruthy()
  open('operator', new Refusal(503, { title: 'x', detail: '数据库忙' }))
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
})
