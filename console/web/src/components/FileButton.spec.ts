import { fireEvent, render, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import FileButton from './FileButton.vue'

it('hands over the file that was picked, and stays quiet where none was', async () => {
  const pick = vi.fn()
  render(FileButton, { props: { label: '上传', onPick: pick }, attrs: { accept: '.png', 'data-testid': 'file' } })
  const input = screen.getByTestId('file') as HTMLInputElement
  expect([input.type, input.accept, input.closest('label')?.textContent]).toEqual(['file', '.png', '上传'])
  await fireEvent.change(input)
  expect(pick).not.toHaveBeenCalled()
  const file = new File(['x'], 'plan.png')
  await fireEvent.change(input, { target: { files: [file] } })
  expect(pick).toHaveBeenCalledWith(file)
})
