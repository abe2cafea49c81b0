import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import PlacePage from './PlacePage.vue'

const place = (code: string, kind: string, path: string[]) => ({ code, kind, path, parent: path.at(-2) ?? null, name_zh: `名${code}`, name_en: code })
const PLACES = { items: [place('T1', 'town', ['T1']), place('E1', 'estate', ['T1', 'E1']), place('B1', 'building', ['T1', 'E1', 'B1']), place('U1', 'unit', ['T1', 'E1', 'B1', 'U1'])] }
const device = (id: string, where: string, online: boolean) => ({ id, place: where, estate: 'E1', profile: 'smoke', online, name_zh: `机${id}`, name_en: id })
const stubs = { CallList: { template: '<i data-testid="calls">{{ place }}</i>', props: ['place'] }, PlacePlan: { template: '<i data-testid="plan">{{ place.code }}</i>', props: ['place'] } }
function open(id: string, answers: object = {}) {
  serve({ 'GET /api/places': PLACES, 'GET /api/devices': { items: [device('d1', 'U1', false), device('d2', 'E1', true)] }, ...answers })
  show(PlacePage, { role: 'property', props: { id }, stubs })
}

it('says where it lies, whom to call, and what is in it and below it', async () => {
  open('B1')
  expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('名B1')
  expect(screen.getByText('名T1').getAttribute('href')).toBe('/place/T1')
  expect(screen.getAllByTestId('place-child').map((one) => one.textContent)).toEqual(['名U1'])
  expect((await screen.findByText('机d1')).parentElement!.textContent).toContain('离线')
  expect(screen.queryByText('机d2')).toBeNull()
  expect(screen.getByTestId('calls').textContent).toBe('B1')
  expect(screen.getByTestId('plan').textContent).toBe('B1')
})

it('has no floor plan and no devices above an estate', async () => {
  open('T1')
  await screen.findByRole('heading', { level: 1 })
  expect(screen.queryByTestId('plan')).toBeNull()
  expect(screen.queryByText(/^设备/)).toBeNull()
})

it('tells a place that is not there from places that could not be read', async () => {
  open('X9')
  expect(await screen.findByText(/没有这个地点/)).toBeTruthy()
  open('B1', { 'GET /api/places': new Refusal(503, { title: 'x', detail: '数据库忙' }) })
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
})
