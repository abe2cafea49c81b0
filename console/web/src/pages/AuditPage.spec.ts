import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import AuditPage from './AuditPage.vue'

const row = (id: number, more = {}) => ({ id, at: '2026-03-01T00:00:00Z', actor: 'li', action: 'person.reveal', object: 'p1', success: true, detail: {}, source: null, ...more })
const open = (answer: unknown) => {
  const { calls } = serve({ 'GET /api/audit': answer })
  show(AuditPage, { role: 'auditor', stubs: { AuditVerdict: true, DeletionProofs: true } })
  return calls
}
const query = (call: unknown) => (call as [string, { params: { query: object } }])[1].params.query

it('says who did what to which, with what result', async () => {
  open({ items: [row(2, { success: false, detail: { why: 'x' }, source: '10.0.0.1' }), row(1)] })
  const [refused, done] = await screen.findAllByTestId('audit-row')
  expect(refused!.textContent).toMatch(/li.*person\.reveal.*p1.*✕.*\{"why":"x"\}.*10\.0\.0\.1/)
  expect(done!.textContent).toContain('✓')
  expect(done!.textContent).toContain('––')
})

it('asks for what is looked for, from the first page on', async () => {
  const calls = open({ items: [row(1)], next: 'c1' })
  await fireEvent.click(await screen.findByText('加载更多'))
  await fireEvent.update(screen.getByTestId('audit-actor'), ' li ')
  await fireEvent.update(screen.getAllByRole('combobox')[0]!, 'false')
  await fireEvent.submit(screen.getByRole('search'))
  await waitFor(() => expect(calls('GET')).toHaveLength(3))
  expect(query(calls('GET')[1])).toMatchObject({ cursor: 'c1' })
  expect(query(calls('GET')[2])).toMatchObject({ cursor: undefined, actor: 'li', success: false, action: undefined })
})

it('says why it could not be read, in words, and asks again', async () => {
  const answers: unknown[] = [new Refusal(503, { title: 'x', detail: '数据库忙' }), { items: [] }]
  open(() => answers.shift())
  expect((await screen.findByRole('alert')).textContent).toContain('读取失败：数据库忙')
  await fireEvent.click(screen.getByText('重试'))
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
})

it('says in the language of the reader that no answer came', async () => {
  open(() => {
    throw new TypeError('fetch failed')
  })
  expect((await screen.findByRole('alert')).textContent).toContain('服务器没有回应')
})
