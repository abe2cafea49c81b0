import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import DeviceRecords from './DeviceRecords.vue'

const URI = '/api/devices/{device_id}/records'
const entry = { id: 1, at: '2026-01-01T00:00:00Z', kind: 'maintenance', note: '清洗探头', by: '王师傅' }
const open = (role: string, get: unknown, post: unknown = {}) => {
  const api = serve({ [`GET ${URI}`]: get, [`POST ${URI}`]: post })
  return { ...api, ...show(DeviceRecords, { props: { id: 'smoke-1' }, role }) }
}
async function write(due = ''): Promise<void> {
  await fireEvent.click(await screen.findByTestId('record-add'))
  await fireEvent.update(screen.getByTestId('record-by'), ' 王师傅 ')
  await fireEvent.update(screen.getByTestId('record-note'), '清洗探头')
  await fireEvent.update(screen.getByTestId('record-due'), due)
  await fireEvent.submit(screen.getByTestId('record-save').closest('form')!)
  await settled()
}

it('a manager writes what was done, and when it is due next', async () => {
  const { calls, emitted } = open('property', { items: [entry], next: null })
  await write('2027-01-01')
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { device_id: 'smoke-1' } }, body: { kind: 'maintenance', by: '王师傅', note: '清洗探头', maintenance_due: '2027-01-01' } })
  expect(screen.queryByTestId('record-save')).toBeNull()
  expect(emitted('changed')).toHaveLength(1)
  expect(calls('GET')).toHaveLength(2)
})

it('stays open and says why nothing was written; no day is no day', async () => {
  const { calls, emitted } = open('property', { items: [], next: null }, new Refusal(422, { title: 'no', detail: '内容太长' }))
  await write()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { maintenance_due: null } })
  expect(screen.getByRole('alert').textContent).toContain('内容太长')
  expect(screen.getByTestId<HTMLInputElement>('record-note').value).toBe('清洗探头')
  expect(emitted('changed')).toBeUndefined()
})

it('an operator reads the book', async () => {
  open('operator', { items: [entry], next: null })
  expect((await screen.findByTestId('record-row')).textContent).toMatch(/维护.*清洗探头.*王师傅/s)
  expect(screen.queryByTestId('record-add')).toBeNull()
})

it('does not pass a book that did not come for an empty one', async () => {
  open('operator', new Refusal(503, { title: 'away' }))
  expect((await screen.findByRole('alert')).textContent).toBe('读取失败：away')
  expect(screen.queryByText('没有')).toBeNull()
})
