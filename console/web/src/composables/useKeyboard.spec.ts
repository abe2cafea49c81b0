import { render } from '@testing-library/vue'
import { describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'

import { useKeyboard } from './useKeyboard'

function setUp() {
  const keys = { a: vi.fn(), Escape: vi.fn() }
  const view = render(
    defineComponent(() => {
      useKeyboard(keys)
      return () => h('div', [h('input', { type: 'search' }), h('input', { type: 'radio' }), h('button')])
    }),
  )
  return { keys, ...view }
}
const press = (target: EventTarget, key: string, more: KeyboardEventInit = {}) => target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))

describe('useKeyboard', () => {
  it('runs a command for its key, from a button too', () => {
    const { keys, container } = setUp()
    press(document.body, 'a')
    press(container.querySelector('button')!, 'a')
    press(document.body, 'x')
    expect(keys.a).toHaveBeenCalledTimes(2)
  })

  it('leaves keys alone while somebody types, but lets Escape out of the field', () => {
    const { keys, container } = setUp()
    const field = container.querySelector('input')!
    field.focus()
    press(field, 'a')
    expect(keys.a).not.toHaveBeenCalled()
    press(field, 'Escape')
    expect(keys.Escape).toHaveBeenCalledOnce()
    expect(document.activeElement).not.toBe(field)
  })

  it('ignores a held key and browser shortcuts', () => {
    const { keys } = setUp()
    press(document.body, 'a', { repeat: true })
    press(document.body, 'a', { ctrlKey: true })
    press(document.body, 'a', { metaKey: true })
    expect(keys.a).not.toHaveBeenCalled()
  })

  it('stops listening when the page is left', () => {
    const { keys, unmount } = setUp()
    unmount()
    press(document.body, 'a')
    expect(keys.a).not.toHaveBeenCalled()
  })
})
