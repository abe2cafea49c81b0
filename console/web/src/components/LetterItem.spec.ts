import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, agree, serve, show } from '@/testing'

import LetterItem from './LetterItem.vue'

const LETTER = { id: 3, state: 'failed', channel: 'sms', person: 'p1', person_name: '李', party: null, to: '139****0001', drill: false, created_at: '2026-11-27T10:00:00Z', text: '', template: 'order', key: 'k', last_error: null }
const POST = 'POST /api/deliver/letters/{letter_id}/actions'
const open = (more = {}, role = 'operator', table = {}) => ({ ...serve(table), ...show(LetterItem, { props: { letter: { ...LETTER, ...more } }, role }) })

it('says to whom, by what and about what, and that it was a drill', () => {
  open({ drill: true, state: 'delivered' })
  expect(screen.getByTestId('letter').textContent).toMatch(/短信李 · 139\*\*\*\*0001演练.*派单/)
  expect(screen.queryByTestId('letter-retry')).toBeNull()
})

it('sends a dead one again for a reason', async () => {
  const { calls, emitted } = open({}, 'operator', { [POST]: {} })
  await fireEvent.click(screen.getByTestId('letter-retry'))
  await agree('号码改了')
  await waitFor(() => expect(emitted('changed')).toHaveLength(1))
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { letter_id: 3 } }, body: { action: 'retry', reason: '号码改了' } })
})

it('says why it could not be set aside', async () => {
  const { calls, emitted } = open({ state: 'expired' }, 'operator', { [POST]: new Refusal(403, { title: '', detail: '不在辖区', status: 403 }) })
  await fireEvent.click(screen.getByTestId('letter-discard'))
  await agree('过时')
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(calls('POST')[0]![1]).toMatchObject({ body: { action: 'discard' } })
  expect(emitted('changed')).toBeUndefined()
})

it('opens its receipts, and who only watches moves nothing', async () => {
  const receipts = [{ at: '2026-11-27T10:00:01Z', state: 'sent', actor: 'sender', attempt: 2, reason: null }]
  for (const role of ['property', 'auditor']) {
    const { calls, unmount } = open({}, role, { 'GET /api/deliver/letters/{letter_id}': { receipts } })
    expect(screen.queryByTestId('letter-retry') ?? screen.queryByTestId('letter-discard')).toBeNull()
    const details = screen.getByRole('group') as HTMLDetailsElement
    details.open = true
    await fireEvent(details, new Event('toggle'))
    await waitFor(() => expect(screen.getByTestId('receipts').textContent).toMatch(/已发出 sender · 第 2 次/))
    expect(calls('GET')[0]![1]).toMatchObject({ params: { path: { letter_id: 3 } } })
    unmount()
  }
})
