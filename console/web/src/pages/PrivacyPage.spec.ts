import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, handedOut, Refusal, serve, show } from '@/testing'

import PrivacyPage from './PrivacyPage.vue'

const request = (id: number, kind: string, more = {}) => ({ id, kind, person: `p${id}`, person_name: '王', asked_at: '2026-03-01T00:00:00Z', asked_by: 'li', note: '', due_at: '2026-03-16T00:00:00Z', overdue: false, state: 'open', answer: null, ...more })
function open(role: string, answers: object = {}) {
  const { calls } = serve({ 'GET /api/privacy/requests': { items: [request(1, 'copy', { overdue: true }), request(2, 'delete'), request(3, 'access', { state: 'done', answer: '已当面查阅' })] }, ...answers })
  show(PrivacyPage, { role })
  return calls
}

it('says what was asked, until when, that it is late, and what was answered', async () => {
  open('operator')
  const [late, , done] = await screen.findAllByTestId('request-row')
  expect(late!.textContent).toMatch(/复制.*王 p1.*已逾期.*待答复/)
  expect(done!.textContent).toContain('已当面查阅')
  expect(screen.queryByTestId('request-done')).toBeNull()
})

it('writes down what somebody asks, and empties the form only once it is taken', async () => {
  const answers: unknown[] = [new Refusal(404, { title: 'x', detail: '没有这个人' }), {}]
  const calls = open('operator', { 'POST /api/privacy/requests': () => answers.shift() })
  const who = screen.getByTestId<HTMLInputElement>('request-person')
  await fireEvent.update(screen.getByTestId('request-kind'), 'delete')
  await fireEvent.update(who, ' p9 ')
  await fireEvent.submit(screen.getByTestId('request-form'))
  expect((await screen.findByRole('alert')).textContent).toContain('没有这个人')
  expect(who.value).toBe(' p9 ')
  await fireEvent.submit(screen.getByTestId('request-form'))
  await waitFor(() => expect(who.value).toBe(''))
  expect(calls('POST')[1]).toMatchObject(['/api/privacy/requests', { body: { kind: 'delete', person: 'p9', note: '' } }])
})

it('answers in words, and hands a copy out only where one was asked for', async () => {
  const calls = open('property', { 'POST /api/privacy/requests/{request_id}/answer': {}, 'POST /api/privacy/requests/{request_id}/copy': { name: '王' } })
  const [copy, erase] = await screen.findAllByTestId('request-row')
  expect(within(erase!).queryByTestId('request-copy')).toBeNull()
  const files = handedOut()
  await fireEvent.click(within(copy!).getByTestId('request-copy'))
  await waitFor(() => expect(files.map(({ name }) => name)).toEqual(['person-p1.json']))
  await fireEvent.click(within(erase!).getByText('拒绝'))
  expect(screen.getByText('拒绝 王 的“删除”请求？请写明理由。')).toBeTruthy()
  expect(screen.getByTestId('confirm-go').className).toContain('danger')
  await agree('在办案件')
  await waitFor(() => expect(calls('POST')[1]).toMatchObject(['/api/privacy/requests/{request_id}/answer', { params: { path: { request_id: 2 } }, body: { state: 'refused', answer: '在办案件' } }]))
})

it('does not say that nobody asked where the list could not be read', async () => {
  open('property', { 'GET /api/privacy/requests': new Refusal(503, { title: 'x', detail: '数据库忙' }) })
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
  expect(screen.queryByTestId('request-empty')).toBeNull()
})
