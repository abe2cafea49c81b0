import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCatalogue } from '@/stores/catalogue'
import { usePlaces } from '@/stores/places'
import { show } from '@/testing'

import QueueFilters from './QueueFilters.vue'

const NONE = { severity: '', estate: '', code: '', state: 'active', q: '' }
const open = (filter = NONE, filtered = false) => show(QueueFilters, {
  props: { filter, filtered },
  stubs: { SavedViews: true },
  known: () => {
    usePlaces().byCode.set('E', { code: 'E', kind: 'estate', name_zh: '翠湖苑', name_en: 'E', path: ['E'] } as never)
    useCatalogue().words = { alerts: [{ code: 'FIRE-001', name_zh: '烟雾', name_en: 'Smoke' }] } as never
  },
})

it('tells each choice by itself', async () => {
  const { emitted } = open()
  for (const [key, value] of Object.entries({ severity: '2', estate: 'E', code: 'FIRE-001', state: 'ended', q: '3栋' })) await fireEvent.update(screen.getByTestId(`filter-${key}`), value)
  expect(emitted('change')).toEqual([[{ severity: '2' }], [{ estate: 'E' }], [{ code: 'FIRE-001' }], [{ state: 'ended' }], [{ q: '3栋' }]])
  expect(screen.getByTestId('filter-code').textContent).toContain('烟雾 FIRE-001')
})

it('unfolds on a phone, and is unfolded while something is filtered', async () => {
  const { rerender } = open()
  const toggle = screen.getByRole('button', { name: '筛选' })
  expect([toggle.getAttribute('aria-expanded'), screen.getByRole('search').className]).toEqual(['false', 'filters'])
  await rerender({ filtered: true })
  expect([toggle.getAttribute('aria-expanded'), screen.getByRole('search').className]).toEqual(['true', 'filters open'])
})

it('clears all at once, where there is something to clear', async () => {
  const { emitted, rerender } = open({ ...NONE, severity: '2' }, true)
  await fireEvent.click(screen.getByTestId('filter-clear'))
  expect(emitted('change')).toEqual([[NONE]])
  await rerender({ filter: NONE, filtered: false })
  expect(screen.queryByTestId('filter-clear')).toBeNull()
})
