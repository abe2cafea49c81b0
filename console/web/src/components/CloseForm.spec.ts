import { cleanup, fireEvent, render, screen } from '@testing-library/vue'
import { afterEach, describe, expect, it } from 'vitest'

import { i18n } from '@/i18n'

import CloseForm from './CloseForm.vue'

afterEach(cleanup)

const setUp = () => render(CloseForm, { props: { pending: false }, global: { plugins: [i18n] } })

describe('CloseForm', () => {
  it('does not close without an outcome', async () => {
    const { emitted } = setUp()
    await fireEvent.submit(screen.getByTestId('close-submit').closest('form')!)
    expect(emitted('submit')).toBeUndefined()
    expect(screen.getByRole('alert').textContent).toContain('请先选择结论')
  })

  it('closes with the outcome chosen and the note', async () => {
    const { emitted } = setUp()
    await fireEvent.click(screen.getByLabelText('误报'))
    await fireEvent.update(screen.getByTestId('close-note'), ' 做饭油烟 ')
    await fireEvent.submit(screen.getByTestId('close-submit').closest('form')!)
    expect(emitted('submit')).toEqual([['false_alarm', '做饭油烟']])
  })
})
