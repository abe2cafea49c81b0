import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'

import { i18n } from '@/i18n'

import { useLive } from './useLive'

let feed: ReadableStreamDefaultController<Uint8Array>
vi.mock('@/api/client', () => ({
  ask: (answer: unknown) => Promise.resolve(answer),
  api: { GET: () => new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) }) },
}))

function mounted() {
  let live!: ReturnType<typeof useLive>
  const page = mount(defineComponent({ setup: () => ((live = useLive()), () => h('p')) }), { global: { plugins: [i18n] } })
  return { page, live }
}

const part = new TextEncoder().encode('--b\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\n\r\nabc\r\n')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  URL.createObjectURL = vi.fn(() => 'blob:1')
  URL.revokeObjectURL = vi.fn()
})
afterEach(() => void vi.useRealTimers())

it('says that a view has ended when no picture has come for a while', async () => {
  const { page, live } = mounted()
  void live.start('cam-1', 'check')
  await vi.waitUntil(() => live.watching.value)
  feed.enqueue(part)
  await vi.waitUntil(() => live.picture.value !== null)
  await vi.advanceTimersByTimeAsync(14_000)
  expect(live.ended.value).toBe(false)
  await vi.advanceTimersByTimeAsync(2_000)
  await flushPromises()
  expect(live.ended.value).toBe(true)
  expect(live.picture.value).toBeNull() // the last picture must not pass for a live one
  page.unmount()
})

it('says that a view has ended when the console ends it', async () => {
  const { page, live } = mounted()
  void live.start('cam-1', 'check')
  await vi.waitUntil(() => live.watching.value)
  feed.close()
  await vi.waitUntil(() => live.ended.value)
  expect(live.watching.value).toBe(false)
  page.unmount()
})
