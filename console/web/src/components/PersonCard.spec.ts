import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, agree, serve, show } from '@/testing'

import PersonCard from './PersonCard.vue'

const PERSON = { id: 'p1', name: '李*', roles: ['GRID_WORKER'], org: null, place_zh: '翠湖苑', place_en: 'E', grid: null, skills: [], standing: 'on_duty', state: 'available', state_since: null, state_late: false, phone_masked: '139****0001', log: [{ at: '2026-11-27T10:00:00Z', to_state: 'on_scene', incident_id: 7 }] }
const PHONE = { 'POST /api/people/{person_id}/phone': { reveal: 4, until: '' }, 'GET /api/reveals/{reveal_id}': () => ({ fields: { name: '李雷', phone: '13900000001' }, until: new Date(Date.now() + 60_000).toISOString() }) }

async function open(role: string, more = {}, table = {}) {
  const api = serve({ 'GET /api/people/{person_id}': { ...PERSON, ...more }, ...PHONE, ...table })
  const page = show(PersonCard, { props: { id: 'p1' }, role, stubs: { PersonConsents: { template: '<i data-testid="consents" />' }, PersonContacts: { template: '<i data-testid="contacts" />' } } })
  await screen.findByTestId('person-phone')
  return { ...api, ...page }
}
const there = () => ['person-edit', 'person-resting', 'consents', 'contacts'].filter((id) => screen.queryByTestId(id))

it('shows no phone before a reason is given, then name and phone in full', async () => {
  const { calls } = await open('operator')
  expect(screen.getByTestId('person-phone').textContent).toContain('139****0001')
  await fireEvent.click(screen.getByTestId('person-reveal'))
  await agree('核实警情')
  await waitFor(() => expect(screen.getByTestId('person-phone').textContent!.trim()).toBe('13900000001'))
  expect(screen.getByRole('heading', { level: 2 }).textContent).toBe('李雷')
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { person_id: 'p1' } }, body: { reason: '核实警情' } })
  expect(screen.queryByTestId('person-reveal')).toBeNull()
})

it('offers each role what it may do', async () => {
  for (const [role, may] of Object.entries({ operator: ['person-resting'], property: ['person-edit', 'consents'], shift_leader: ['person-edit', 'person-resting', 'consents', 'contacts'], auditor: [] })) {
    const { unmount } = await open(role)
    expect([role, there()]).toEqual([role, may])
    unmount()
  }
})

it('sets a state at once, none while somebody is sent', async () => {
  const { calls, unmount } = await open('operator', {}, { 'POST /api/people/{person_id}/state': { ...PERSON, state: 'resting' } })
  await fireEvent.click(screen.getByTestId('person-resting'))
  expect(await screen.findByTestId('person-available')).toBeTruthy()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { state: 'resting', reason: '' } })
  unmount()
  await open('operator', { state: 'en_route', phone_masked: null })
  expect(there()).toEqual([])
  expect(screen.getByTestId('person-phone').textContent).toContain('未登记电话')
  expect(screen.getByText('#7').getAttribute('href')).toBe('/incidents/7')
})

it('says that the person cannot be shown', async () => {
  serve({ 'GET /api/people/{person_id}': new Refusal(404, { title: '没有此人', status: 404 }) })
  show(PersonCard, { props: { id: 'p1' }, role: 'operator' })
  expect((await screen.findByRole('alert')).textContent).toContain('没有此人')
})
