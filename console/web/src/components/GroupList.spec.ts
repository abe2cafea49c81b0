import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, agree, serve, settled, show } from '@/testing'

import GroupList from './GroupList.vue'

const group = (code: string) => ({ code, estate: 'E', name_zh: `组${code}`, name_en: code, devices: ['s1', 's2'] })
const open = (answer: unknown = {}) => ({ ...serve({ 'DELETE /api/device-groups/{code}': answer }), ...show(GroupList, { props: { groups: [group('a'), group('b')] } }) })

it('drops the group that was asked about, once that was said', async () => {
  const { calls, emitted } = open()
  const [, second] = screen.getAllByTestId('group-row')
  expect(second!.textContent).toMatch(/组b b E · 2 台/)
  await fireEvent.click(within(second!).getByTestId('group-drop'))
  expect(screen.getByTestId('confirm').textContent).toContain('删除设备组「组b」')
  expect(calls('DELETE')).toEqual([])
  await agree()
  await waitFor(() => expect(emitted('changed')).toHaveLength(1))
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { code: 'b' } } })
})

it('says why a group stays', async () => {
  const { emitted } = open(new Refusal(409, { title: '批量任务正在用它', status: 409 }))
  await fireEvent.click(screen.getAllByTestId('group-drop')[0]!)
  await agree()
  expect((await screen.findByRole('alert')).textContent).toContain('批量任务正在用它')
  await settled()
  expect(emitted('changed')).toBeUndefined()
})

it('hands a group over to be changed, and says where there is none', async () => {
  const { emitted, rerender } = open()
  await fireEvent.click(screen.getAllByTestId('group-edit')[0]!)
  expect(emitted('edit')).toEqual([[group('a')]])
  await rerender({ groups: [] })
  expect(screen.getByText('还没有设备组')).toBeTruthy()
})
