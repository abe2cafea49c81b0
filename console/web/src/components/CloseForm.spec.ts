import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it } from 'vitest'

import type { Catalogue } from '@/api/types'
import { i18n } from '@/i18n'
import { useCatalogue } from '@/stores/catalogue'

import CloseForm from './CloseForm.vue'

const causes = [{ code: 'cooking', zh: '烹饪油烟', en: 'Cooking' }]

function setUp() {
  const pinia = createPinia()
  setActivePinia(pinia)
  useCatalogue().words = { causes } as unknown as Catalogue
  return render(CloseForm, { props: { pending: false }, global: { plugins: [i18n, pinia] } })
}

describe('CloseForm', () => {
  it('closes with nothing missing only: an outcome first', async () => {
    const { emitted } = setUp()
    await fireEvent.submit(screen.getByTestId('close-submit').closest('form')!)
    expect(emitted('submit')).toBeUndefined()
    expect(screen.getByRole('alert').textContent).toContain('请先选择结论')
  })

  it('closes with the outcome, the cause and the note', async () => {
    const { emitted } = setUp()
    await fireEvent.click(screen.getByLabelText('误报'))
    await fireEvent.update(screen.getByTestId('close-note'), ' 做饭油烟 ')
    await fireEvent.submit(screen.getByTestId('close-submit').closest('form')!)
    expect(emitted('submit')).toBeUndefined()
    expect(screen.getByRole('alert').textContent).toContain('请选择成因')
    await fireEvent.update(screen.getByTestId('close-cause'), 'cooking')
    await fireEvent.submit(screen.getByTestId('close-submit').closest('form')!)
    expect(emitted('submit')).toEqual([['false_alarm', 'cooking', '做饭油烟']])
  })
})
