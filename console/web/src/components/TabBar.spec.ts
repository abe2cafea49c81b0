import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import TabBar from './TabBar.vue'

const tabs = ['a', 'b', 'c'].map((key) => ({ key, name: `页${key}` }))
const open = (modelValue: string) => show(TabBar, { props: { tabs, label: '设备', modelValue } })

it('names itself and tells which tab is open; only that one is reached by Tab', () => {
  open('b')
  expect(screen.getByRole('tablist', { name: '设备' })).toBeTruthy()
  expect(screen.getByRole('tab', { selected: true }).textContent).toBe('页b')
  expect(screen.getAllByRole('tab').map((tab) => tab.tabIndex)).toEqual([-1, 0, -1])
})

it('is stepped through with the arrow keys, round the end, and the focus goes along', async () => {
  const { emitted, rerender } = open('c')
  await fireEvent.keyDown(screen.getByRole('tablist'), { key: 'ArrowRight' })
  expect(document.activeElement).toBe(screen.getByTestId('tab-a'))
  await rerender({ modelValue: 'a' })
  await fireEvent.keyDown(screen.getByRole('tablist'), { key: 'ArrowLeft' })
  await fireEvent.click(screen.getByTestId('tab-b'))
  expect(emitted('update:modelValue')).toEqual([['a'], ['c'], ['b']])
})
