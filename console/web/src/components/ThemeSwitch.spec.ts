import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { apply } from '@/composables/useTheme'
import { show } from '@/testing'

import ThemeSwitch from './ThemeSwitch.vue'

it('offers the other theme, puts it on the page and keeps it for the next visit', async () => {
  apply()
  show(ThemeSwitch)
  const button = screen.getByTestId('theme-switch')
  const offered = button.textContent
  await fireEvent.click(button)
  expect(document.documentElement.dataset['theme']).toBe('light')
  expect(localStorage.getItem('shequ.theme')).toBe('light')
  expect(button.textContent).not.toBe(offered)
  await fireEvent.click(button)
  expect(document.documentElement.dataset['theme']).toBe('dark')
})
