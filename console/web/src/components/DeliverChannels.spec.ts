import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import DeliverChannels from './DeliverChannels.vue'

const channel = (more = {}) => ({ code: 'sms-1', name_zh: '短信', name_en: 'SMS', channel: 'sms', enabled: true, problem: null, last_test: null, failures_1h: 0, tries_1h: 0, oldest_s: null, queued: 0, dead: 0, last_success: null, ...more })
const stubs = { ChannelForm: { props: ['channel'], emits: ['done', 'close'], template: '<p @click="$emit(\'done\')">form of {{ channel?.code ?? "new" }}</p>' }, DeliverTestForm: { template: '<p>test form</p>' } }
const open = (role: string, channels = [channel()]) => show(DeliverChannels, { props: { channels }, role, stubs })

it('says in one word how a channel is, the worst first', () => {
  for (const [more, word] of [[{}, '正常'], [{ oldest_s: 61 }, '有积压'], [{ failures_1h: 1, tries_1h: 2, oldest_s: 61 }, '有失败'], [{ last_test: { state: 'missed', asked_at: '2026-01-01T00:00:00Z' } }, '有失败'], [{ problem: '没有密钥', failures_1h: 9, tries_1h: 9 }, '不可用'], [{ enabled: false, problem: '没有密钥' }, '已停用']] as const) {
    const { unmount } = open('operator', [channel(more)])
    expect(screen.getByTestId('channel-health').textContent).toBe(word)
    unmount()
  }
})

it('says what waits and what failed; nothing sent is no failure', () => {
  open('operator', [channel({ dead: 2, queued: 3, oldest_s: 120, failures_1h: 1, tries_1h: 3 }), channel({ code: 'sms-2' })])
  const [busy, idle] = screen.getAllByTestId('channel-card')
  expect(busy!.textContent).toMatch(/待发3 ?最早 2 分钟.*死信2.*从未.*33 %/s)
  expect(idle!.textContent).toMatch(/无发送/)
})

it('the centre tests a channel that is on, an administrator sets it up, others read', () => {
  for (const [role, tests, edits] of [['operator', true, false], ['system_admin', true, true], ['property', false, false], ['developer', false, false]] as const) {
    const { unmount } = open(role)
    expect([role, screen.queryByText('test form') !== null, screen.queryByTestId('channel-edit') !== null]).toEqual([role, tests, edits])
    unmount()
  }
  open('system_admin', [channel({ enabled: false })])
  expect(screen.queryByText('test form')).toBeNull()
})

it('tells the page when a channel was changed', async () => {
  const { emitted } = open('system_admin')
  await fireEvent.click(screen.getByTestId('channel-new'))
  expect(screen.getByText('form of new')).toBeTruthy()
  await fireEvent.click(screen.getByTestId('channel-edit'))
  await fireEvent.click(screen.getByText('form of sms-1'))
  expect(emitted('changed')).toHaveLength(1)
  expect(screen.queryByText(/form of/)).toBeNull()
})
