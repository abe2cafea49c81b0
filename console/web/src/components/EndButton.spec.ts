import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import EndButton from './EndButton.vue'

it('ends nothing before somebody said so', async () => {
  const { emitted } = show(EndButton, { props: { word: '结束', title: '结束静默？' } })
  await fireEvent.click(screen.getByTestId('end'))
  expect(screen.getByRole('dialog').textContent).toContain('结束静默？')
  expect(emitted('end')).toBeUndefined()
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  expect(emitted('end')).toHaveLength(1)
})

it('cannot be pressed again while it ends', () => {
  show(EndButton, { props: { word: '结束', title: '', pending: true } })
  expect((screen.getByTestId('end') as HTMLButtonElement).disabled).toBe(true)
})
