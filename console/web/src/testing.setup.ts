/** What stands before and after each spec: they share one window, so each leaves it as a new one. */
import { cleanup } from '@testing-library/vue'
import { afterEach, beforeEach, vi } from 'vitest'

import { learnServerTime } from '@/composables/useNow'
import { i18n } from '@/i18n'

beforeEach(() => {
  learnServerTime(new Date().toISOString())
  // jsdom lays nothing out
  vi.stubGlobal('ResizeObserver', class { observe = (): void => undefined; unobserve = (): void => undefined; disconnect = (): void => undefined })
  // jsdom has dialogs that neither open nor close
  HTMLDialogElement.prototype.showModal = vi.fn(function (this: HTMLDialogElement) {
    this.open = true
  })
  HTMLDialogElement.prototype.close = vi.fn(function (this: HTMLDialogElement) {
    this.open = false
  })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  localStorage.clear()
  sessionStorage.clear()
  document.body.replaceChildren()
  i18n.global.locale.value = 'zh'
})
