import { render } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { i18n } from '@/i18n'

import { useTime } from './useTime'

/** What `useTime` says within a component. */
function say<T>(words: (time: ReturnType<typeof useTime>) => T): T {
  let said!: T
  const { unmount } = render({ setup: () => ((said = words(useTime())), () => null) }, { global: { plugins: [i18n] } })
  unmount()
  return said
}

it('says a length of time without a tail of zeros', () => {
  i18n.global.locale.value = 'zh'
  const spans = [9, 300, 341, 7200, 7320, 86_400, 90_000]
  expect(spans.map((seconds) => say(({ duration }) => duration(seconds)))).toEqual(['9 秒', '5 分钟', '5 分 41 秒', '2 小时', '2 小时 2 分', '1 天', '1 天 1 小时'])
})

it('writes the year of a day that is not of this year', () => {
  const year = new Date().getFullYear()
  expect(say(({ clock }) => clock(`${year - 3}-05-01T04:00:00Z`))).toContain(String(year - 3))
  expect(say(({ clock }) => clock(new Date().toISOString()))).not.toContain(String(year))
  expect(say(({ day }) => day('2023-05-01T04:00:00Z'))).toBe('2023/05/01')
})
