import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import LangSwitch from './LangSwitch.vue'

it('names the other language in its own words, and changes to it for good', async () => {
  show(LangSwitch)
  const button = screen.getByTestId('lang-switch')
  expect([button.textContent!.trim(), button.lang]).toEqual(['English', 'en'])
  await fireEvent.click(button)
  expect([button.textContent!.trim(), button.lang]).toEqual(['中文', 'zh-CN'])
  expect([document.documentElement.lang, localStorage.getItem('shequ.locale')]).toEqual(['en', 'en'])
  await fireEvent.click(button)
  expect([document.documentElement.lang, localStorage.getItem('shequ.locale')]).toEqual(['zh-CN', 'zh'])
})
