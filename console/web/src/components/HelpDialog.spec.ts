import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { i18n } from '@/i18n'
import { show } from '@/testing'

import HelpDialog from './HelpDialog.vue'

const holder = { components: { HelpDialog }, template: '<HelpDialog ref="help" /><button @click="$refs.help.toggle()">?</button>' }

it('opens and closes by the same key, and has a name', () => {
  show(holder)
  const help = screen.getByTestId<HTMLDialogElement>('help')
  for (const open of [true, false]) {
    screen.getByText('?', { selector: 'button' }).click()
    expect(help.open).toBe(open)
  }
  expect(help.getAttribute('aria-label')).toBe('键盘快捷键')
})

it('tells both things that a key does', async () => {
  show(holder)
  const rows = () => [...screen.getByTestId('help').querySelectorAll('dl > div')].map((row) => row.textContent)
  expect(rows().filter((row) => row!.startsWith('a'))).toEqual(['a接警', 'a一并接警（有选中的行时）'])
  i18n.global.locale.value = 'en'
  await nextTick()
  expect(new Set(rows()).size).toBe(11)
})
