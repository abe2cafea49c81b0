import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'

import { useRevealed } from './useRevealed'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what was revealed is masked again when its time is over', () => {
  const scope = effectScope()
  const { shown, reveal } = scope.run(() => useRevealed<string>())!
  reveal('13800000001', new Date(Date.now() + 120_000).toISOString())
  vi.advanceTimersByTime(119_000)
  expect(shown.value).toBe('13800000001')
  vi.advanceTimersByTime(2_000)
  expect(shown.value).toBeNull()
  scope.stop()
})
