import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, handedOut, Refusal, serve, show } from '@/testing'

import PeoplePage from './PeoplePage.vue'

const person = (id: string, more = {}) => ({ id, name: `名${id}`, roles: ['PM'], org: null, place_zh: '1 栋', place_en: 'B1', neighbour: false, grid: null, skills: [], phone_masked: '139****0001', standing: 'on_duty', ...more })
const ORGANISATION = { roles: [{ code: 'PM', name_zh: '物业', name_en: 'Property' }], skills: [], resource_kinds: [], neighbours: [] }
const stubs = { PersonCard: { template: '<i data-testid="card">{{ id }}</i>', props: ['id'] }, PersonForm: { template: '<button data-testid="form" @click="$emit(\'done\')" />', props: ['person'], emits: ['done'] }, PersonState: true }
function open(role: string, answers: object = {}, at = '/people') {
  const { calls } = serve({ 'GET /api/organisation': ORGANISATION, 'GET /api/people': { items: [person('a'), person('b', { neighbour: true, phone_masked: null })] }, ...answers })
  show(PeoplePage, { role, at, stubs })
  return calls
}
const lists = (calls: ReturnType<typeof open>) => calls('GET').filter(([path]) => path === '/api/people')

it('says who they are in words, with a masked phone, and opens whom the address names', async () => {
  open('operator', {}, '/people?row=b')
  const [first, second] = await screen.findAllByTestId('person-row')
  await waitFor(() => expect(first!.textContent).toMatch(/名a a.*物业.*1 栋.*139\*\*\*\*0001.*在岗/))
  expect(second!.textContent).toContain('外区')
  expect(screen.getByTestId('card').textContent).toBe('b')
  await fireEvent.click(screen.getByText('名a'))
  expect(screen.getByTestId('card').textContent).toBe('a')
})

it('gives an operator no button to change, import or hand out', async () => {
  open('operator')
  await screen.findAllByTestId('person-row')
  for (const id of ['person-new', 'people-import', 'people-export', 'people-export-whole']) expect(screen.queryByTestId(id)).toBeNull()
})

it('hands whole phones out only for a reason, and says why they were refused', async () => {
  const calls = open('property', { 'POST /api/people/export/phones': { reveal: 7 }, 'GET /api/people/export': new Blob(['x']) })
  await fireEvent.click(screen.getByTestId('people-export-whole'))
  expect(calls('POST')).toEqual([])
  const files = handedOut()
  await agree('消防演练')
  await waitFor(() => expect(files.map(({ name }) => name)).toEqual(['people.xlsx']))
  expect(calls('POST')[0]).toEqual(['/api/people/export/phones', { body: { reason: '消防演练' } }])
  expect(calls('GET').at(-1)).toMatchObject(['/api/people/export', { params: { query: { reveal: 7 } } }])
})

it('reads the list anew for a role and after one was added, and does not call a refused list empty', async () => {
  const answers: unknown[] = [{ items: [] }, { items: [] }, new Refusal(503, { title: 'x', detail: '数据库忙' })]
  const calls = open('property', { 'GET /api/people': () => answers.shift() })
  expect(await screen.findByText('没有人员')).toBeTruthy()
  await screen.findByText('物业')
  await fireEvent.update(screen.getByTestId('people-role'), 'PM')
  await waitFor(() => expect(lists(calls)[1]).toMatchObject(['/api/people', { params: { query: { role: 'PM' } } }]))
  await fireEvent.click(screen.getByTestId('person-new'))
  await fireEvent.click(screen.getByTestId('form'))
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
  expect(screen.queryByText('没有人员')).toBeNull()
})
