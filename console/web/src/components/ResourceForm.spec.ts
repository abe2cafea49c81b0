import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { usePlaces } from '@/stores/places'
import { useStaff } from '@/stores/staff'
import { Refusal, agree, serve, show } from '@/testing'

import ResourceForm from './ResourceForm.vue'

const RESOURCE = { id: 'aed-1', kind: 'AED', place: 'E', name_zh: '除颤仪', name_en: 'AED', quantity: 1, keeper: null, expires_on: '2027-01-01', position: { source: 'installed', x: 4, y: 5 }, version: 2 }
const PICKER = { props: ['modelValue'], emits: ['update:modelValue'], template: '<button type="button" data-testid="picker" @click="$emit(\'update:modelValue\', \'E\')" />' }
const PIN = { props: ['x', 'y', 'estate'], emits: ['update:x', 'update:y'], template: '<button type="button" data-testid="pin" @click="$emit(\'update:x\', 1.5); $emit(\'update:y\', 0)">{{ estate }} {{ x }} {{ y }}</button>' }

async function open(resource: object | null, table: Record<string, unknown>) {
  const api = serve(table)
  const page = show(ResourceForm, { props: { resource }, stubs: { PlacePicker: PICKER, PinPicker: PIN }, known: () => ['E', 'F'].forEach((code) => usePlaces().byCode.set(code, { code, kind: 'estate', name_zh: code, name_en: code, path: ['T', code] } as never)) })
  useStaff().organisation = { roles: [], skills: [], resource_kinds: [{ code: 'AED', name_zh: '除颤仪', name_en: 'AED' }] } as never
  await nextTick()
  return { ...api, ...page }
}

it('adds a thing with its pin, which wants an estate first', async () => {
  const { calls, emitted } = await open(null, { 'POST /api/resources': RESOURCE })
  expect(screen.queryByTestId('pin')).toBeNull()
  await fireEvent.click(screen.getByTestId('picker'))
  await fireEvent.click(screen.getByTestId('pin'))
  for (const [id, value] of Object.entries({ 'resource-id': 'aed-2', 'resource-form-kind': 'AED', 'resource-name': '除颤仪' })) await fireEvent.update(screen.getByTestId(id), value)
  await fireEvent.click(screen.getByTestId('resource-save'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ id: 'aed-2', kind: 'AED', place: 'E', name_zh: '除颤仪', name_en: '除颤仪', quantity: 1, keeper: null, expires_on: null, x: 1.5, y: 0 })
})

it('writes its papers anew as they were seen, and says why not', async () => {
  const { calls, emitted } = await open(RESOURCE, { 'PUT /api/resources/{resource_id}': new Refusal(409, { title: '已被修改', status: 409 }) })
  expect(screen.getByTestId('pin').textContent).toBe('E 4 5')
  await fireEvent.click(screen.getByTestId('resource-save'))
  expect((await screen.findByRole('alert')).textContent).toContain('已被修改')
  expect(calls('PUT')[0]![1]).toMatchObject({ params: { path: { resource_id: 'aed-1' } }, body: { expires_on: '2027-01-01', x: 4, y: 5, version: 2 } })
  expect(emitted('done')).toBeUndefined()
})

it('leaves the pin behind where the thing goes to another estate', async () => {
  await open({ ...RESOURCE, place: 'F' }, {})
  expect(screen.getByTestId('pin').textContent).toBe('F 4 5')
  await fireEvent.click(screen.getByTestId('picker'))
  expect(screen.getByTestId('pin').textContent!.trim()).toBe('E')
})

it('takes a position that somebody else reported for no pin, and retires when that was said', async () => {
  const { calls, emitted } = await open({ ...RESOURCE, position: { source: 'gps', x: 9, y: 9 } }, { 'DELETE /api/resources/{resource_id}': {} })
  expect(screen.getByTestId('pin').textContent!.trim()).toBe('E')
  await fireEvent.click(screen.getByTestId('end'))
  await agree()
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { resource_id: 'aed-1' } } })
})
