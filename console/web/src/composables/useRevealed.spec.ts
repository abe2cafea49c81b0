import { beforeEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'

import { api } from '@/api/client'

import { useRevealed } from './useRevealed'

beforeEach(() => void vi.useFakeTimers())

test('what was revealed is read from the server, and masked again when its time is over', async () => {
  const until = new Date(Date.now() + 120_000).toISOString()
  const get = vi.spyOn(api, 'GET').mockImplementation((() => Promise.resolve({ data: { fields: { phone: '13800000001' }, until }, response: new Response(null) })) as never)
  const scope = effectScope()
  const { shown, open } = scope.run(() => useRevealed())!
  await open({ reveal: 7, until })
  expect(get.mock.calls[0]).toMatchObject(['/api/reveals/{reveal_id}', { params: { path: { reveal_id: 7 } } }])
  vi.advanceTimersByTime(119_000)
  expect(shown.value).toEqual({ phone: '13800000001' })
  vi.advanceTimersByTime(2_000)
  expect(shown.value).toBeNull()
  scope.stop()
})
