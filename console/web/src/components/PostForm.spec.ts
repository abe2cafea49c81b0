import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useStaff } from '@/stores/staff'
import { Refusal, agree, serve, show } from '@/testing'

import PostForm from './PostForm.vue'

const POST = { code: 'gate', role: 'GUARD', place: 'E', name_zh: '门岗', name_en: 'Gate', minimum: 2, opens: '08:00', closes: '20:00', version: 5 }
const PICKER = { props: ['modelValue'], emits: ['update:modelValue'], template: '<button type="button" data-testid="picker" @click="$emit(\'update:modelValue\', \'E\')" />' }

async function open(post: object | null, table: Record<string, unknown>) {
  const api = serve(table)
  const page = show(PostForm, { props: { post }, stubs: { PlacePicker: PICKER } })
  useStaff().organisation = { roles: [{ code: 'GUARD', name_zh: '保安', name_en: 'Guard' }], skills: [], resource_kinds: [] } as never
  await nextTick()
  return { ...api, ...page }
}

it('adds a post for a role at a place, by day and night unless hours are said', async () => {
  const { calls, emitted } = await open(null, { 'POST /api/posts': POST })
  await fireEvent.click(screen.getByTestId('picker'))
  for (const [field, value] of Object.entries({ code: 'gate', role: 'GUARD', name: '门岗', minimum: '0' })) await fireEvent.update(screen.getByTestId(`post-${field}`), value)
  await fireEvent.click(screen.getByTestId('post-save'))
  expect(calls('POST')).toEqual([]) // nobody is too few
  await fireEvent.update(screen.getByTestId('post-minimum'), '2')
  await fireEvent.click(screen.getByTestId('post-save'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ code: 'gate', role: 'GUARD', place: 'E', name_zh: '门岗', name_en: '门岗', minimum: 2, opens: '00:00', closes: '00:00' })
})

it('changes one as it was seen, its role and place never', async () => {
  const { calls, emitted } = await open(POST, { 'PATCH /api/posts/{code}': new Refusal(409, { title: '已被修改', status: 409 }) })
  expect(screen.queryByTestId('picker') ?? screen.queryByTestId('post-role')).toBeNull()
  await fireEvent.click(screen.getByTestId('post-save'))
  expect((await screen.findByRole('alert')).textContent).toContain('已被修改')
  expect(calls('PATCH')[0]![1]!['body']).toEqual({ name_zh: '门岗', name_en: 'Gate', minimum: 2, opens: '08:00', closes: '20:00', version: 5 })
  expect(emitted('done')).toBeUndefined()
})

it('ends one after saying that its shifts go with it', async () => {
  const { calls, emitted } = await open(POST, { 'DELETE /api/posts/{code}': {} })
  await fireEvent.click(screen.getByTestId('end'))
  expect(screen.getByTestId('confirm').textContent).toContain('撤销「门岗」？尚未开始的班次一并取消')
  await agree()
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { code: 'gate' } } })
})
