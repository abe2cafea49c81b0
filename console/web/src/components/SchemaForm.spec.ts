import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it } from 'vitest'

import { i18n } from '@/i18n'

import SchemaForm from './SchemaForm.vue'

const SCHEMA = {
  properties: {
    armed: { title: '布防时段', type: 'array', items: { type: 'string' }, 'x-hours': true },
    sensitivity: { title: '灵敏度', type: 'string', enum: ['low', 'normal', 'high'] },
  },
}
const show = (data: Record<string, unknown>) => render(SchemaForm, { props: { schema: SCHEMA, modelValue: data }, global: { plugins: [i18n, createPinia()] } })

it('says a choice in words and sends its code', async () => {
  const { emitted } = show({ sensitivity: 'normal' })
  const select = screen.getByTestId('config-sensitivity')
  expect([...select.querySelectorAll('option')].map((one) => one.textContent)).toEqual(['—', '低', '中', '高'])
  await fireEvent.update(select, 'high')
  expect(emitted('update:modelValue')[0]).toEqual([{ sensitivity: 'high' }])
})

it('puts a grid of hours last and says what it amounts to: no hour chosen is all day', async () => {
  const { container, rerender } = show({})
  expect([...container.querySelectorAll('.field')].map((one) => one.getAttribute('data-testid')).at(-1)).toBe('config-armed')
  expect(screen.getByTestId('config-armed').textContent).toContain('全天布防')
  await rerender({ modelValue: { armed: ['22:00-06:00'] } })
  expect(screen.getByTestId('config-armed').textContent).toContain('22:00-06:00')
  expect(screen.getByTestId('hour-0-23').getAttribute('aria-pressed')).toBe('true')
})
