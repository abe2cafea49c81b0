import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useStaff } from '@/stores/staff'
import { Refusal, serve, show } from '@/testing'

import PersonForm from './PersonForm.vue'

const word = (code: string) => ({ code, name_zh: code, name_en: code })
const PERSON = { id: 'p1', name: '李雷', place: 'E', org: '物业', grid: null, user_name: null, phone_masked: '139****0001', roles: ['PM'], skills: [], version: 3 }

async function open(person: object | null, table: object) {
  const api = serve({ ...table })
  const page = show(PersonForm, { props: { person }, role: 'property' })
  useStaff().organisation = { roles: [word('PM'), word('GRID')], skills: [word('CPR')], resource_kinds: [] } as never
  await nextTick()
  return { ...api, ...page }
}
const save = () => screen.getByTestId<HTMLButtonElement>('person-save')

it('adds somebody with a role, and not without one', async () => {
  const { calls, emitted } = await open(null, { 'POST /api/people': PERSON })
  for (const [field, value] of Object.entries({ id: 'p2', name: ' 韩梅 ', place: 'E', phone: '13900000002' })) await fireEvent.update(screen.getByTestId(`person-${field}`), value)
  expect(save().disabled).toBe(true)
  await fireEvent.click(screen.getByTestId('role-GRID'))
  await fireEvent.click(screen.getByLabelText('CPR'))
  await fireEvent.click(save())
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ id: 'p2', name: '韩梅', place: 'E', org: null, grid: null, user_name: null, phone: '13900000002', roles: ['GRID'], skills: ['CPR'] })
})

it('leaves a phone as it was where none is written, and what the card shows alone', async () => {
  const { calls, emitted } = await open(PERSON, { 'PATCH /api/people/{person_id}': {} })
  expect(screen.getByTestId<HTMLInputElement>('person-id').disabled).toBe(true)
  expect(screen.getByTestId<HTMLInputElement>('person-phone').placeholder).toBe('139****0001')
  await fireEvent.click(screen.getByTestId('role-GRID'))
  expect(PERSON.roles).toEqual(['PM'])
  await fireEvent.click(save())
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('PATCH')[0]![1]).toMatchObject({ params: { path: { person_id: 'p1' } }, body: { roles: ['PM', 'GRID'], version: 3 } })
  expect(calls('PATCH')[0]![1]!['body']).not.toHaveProperty('phone')
})

it('says why it was not taken', async () => {
  const { emitted } = await open(PERSON, { 'PATCH /api/people/{person_id}': new Refusal(422, { title: '没有这个地点', status: 422 }) })
  await fireEvent.click(save())
  expect((await screen.findByRole('alert')).textContent).toContain('没有这个地点')
  expect(emitted('done')).toBeUndefined()
})
