import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import TestPlanForm from './TestPlanForm.vue'

const channel = (code: string, kind: string, enabled = true) => ({ code, channel: kind, enabled, name_zh: `道${code}`, name_en: code })
const CHANNELS = { items: [channel('s1', 'sms'), channel('w1', 'webhook'), channel('off', 'sms', false)] }

async function open(answer: unknown = { items: [] }) {
  const { calls } = serve({ 'GET /api/deliver/channels': CHANNELS, 'POST /api/deliver/test-plans': answer })
  const shown = show(TestPlanForm)
  await screen.findByText('道s1 s1')
  return { ...shown, calls }
}

it('plans a test of a channel that is in use, in seconds', async () => {
  const { calls, emitted } = await open()
  expect(within(screen.getByTestId('plan-endpoint')).queryByText(/off/)).toBeNull()
  await fireEvent.update(screen.getByTestId('plan-endpoint'), 's1')
  await fireEvent.update(screen.getByTestId('plan-to'), '13900000000')
  await fireEvent.update(screen.getByTestId('plan-days'), '0.5')
  await fireEvent.submit(screen.getByTestId('plan-form'))
  await waitFor(() => expect(emitted('done')).toEqual([[[]]]))
  expect(calls('POST')[0]![1]!['body']).toEqual({ endpoint: 's1', to: '13900000000', every_s: 43_200, window_s: 600 })
})

it('asks for an address only where the channel needs one, and sends none that was written for another', async () => {
  const { calls } = await open()
  await fireEvent.update(screen.getByTestId('plan-endpoint'), 's1')
  await fireEvent.update(screen.getByTestId('plan-to'), '13900000000')
  await fireEvent.update(screen.getByTestId('plan-endpoint'), 'w1')
  expect(screen.queryByTestId('plan-to')).toBeNull()
  await fireEvent.submit(screen.getByTestId('plan-form'))
  await waitFor(() => expect(calls('POST')[0]![1]!['body']).toMatchObject({ endpoint: 'w1', to: '' }))
})

it('says why it was refused', async () => {
  const { emitted } = await open(new Refusal(403, { title: 'x', detail: '只有管理员' }))
  await fireEvent.submit(screen.getByTestId('plan-form'))
  expect((await screen.findByRole('alert')).textContent).toContain('只有管理员')
  expect(emitted('done')).toBeUndefined()
})
