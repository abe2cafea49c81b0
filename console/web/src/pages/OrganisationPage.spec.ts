import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import OrganisationPage from './OrganisationPage.vue'

const place = (code: string, parent: string | null) => ({ code, parent, kind: 'estate', path: [code], name_zh: `名${code}`, name_en: code })
const ANSWERS = { 'GET /api/places': { items: [place('T1', 'county'), place('E1', 'T1'), place('N1', 'county')] }, 'GET /api/organisation': { roles: [], skills: [], resource_kinds: [], neighbours: [{ code: 'N1', name_zh: '邻镇', name_en: 'Next', people: 4 }] }, 'GET /api/grids': { items: [{ code: 'g1' }, { code: 'g2' }] } }
const form = (name: string) => ({ template: `<button data-testid="${name}" @click="$emit('done')">{{ grid?.code }}</button>`, props: ['grid'], emits: ['done'] })
const stubs = { PlaceBranch: { template: '<li data-testid="branch">{{ place.code }}</li>', props: ['place'] }, GridCard: { template: '<button data-testid="grid" @click="$emit(\'edit\')">{{ grid.code }}</button>', props: ['grid'], emits: ['edit'] }, BoundaryForm: form('boundary-form'), AnchorForm: form('anchor-form'), GridForm: form('grid-form') }
function open(role: string, more = {}) {
  const { calls } = serve({ ...ANSWERS, ...more })
  show(OrganisationPage, { role, stubs })
  return () => calls('GET').filter(([path]) => path === '/api/grids').length
}

it('begins the tree where what one may see begins, and names neighbours apart from it', async () => {
  open('operator')
  await screen.findByTestId('neighbour')
  expect(screen.getAllByTestId('branch').map((one) => one.textContent)).toEqual(['T1'])
  expect(screen.getByTestId('neighbour').textContent).toMatch(/邻镇 N1 .*4/)
})

it('opens a grid to be corrected, and reads the grids again once that is done', async () => {
  const read = open('shift_leader')
  await fireEvent.click((await screen.findAllByTestId('grid'))[1]!)
  expect(screen.getByTestId('grid-form').textContent).toBe('g2')
  await fireEvent.click(screen.getByTestId('grid-form'))
  await waitFor(() => expect(read()).toBe(2))
  expect(screen.queryByTestId('grid-form')).toBeNull()
})

it.each([
  ['operator', []],
  ['property', ['boundary', 'anchor']],
  ['shift_leader', ['boundary', 'anchor', 'grid-new']],
])('gives a %s the buttons they may press', (role, ids) => {
  open(role)
  expect(screen.queryAllByRole('button').map((one) => one.dataset['testid'])).toEqual(ids)
})

it('says why it could not be read', async () => {
  open('operator', { 'GET /api/grids': new Refusal(503, { title: 'x', detail: '数据库忙' }) })
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
})
