import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useFeed } from '@/stores/feed'
import { show } from '@/testing'

import StaleBar from './StaleBar.vue'

it('warns once nothing was heard for twelve seconds, and goes when something is', async () => {
  show(StaleBar)
  expect(screen.queryByRole('alert')).toBeNull()
  useFeed().heardAt = Date.now() - 14_500
  await nextTick()
  expect(screen.getByRole('alert').textContent).toContain('数据已 14 秒未更新')
  useFeed().heard(null)
  await nextTick()
  expect(screen.queryByRole('alert')).toBeNull()
})
