import { render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { describe, expect, it } from 'vitest'

import type { AlertLogRow, Catalogue } from '@/api/types'
import { i18n } from '@/i18n'
import { useCatalogue } from '@/stores/catalogue'

import LogList from './LogList.vue'

describe('LogList', () => {
  it('says whom the platform told, and why they by the roster', () => {
    const pinia = createPinia()
    setActivePinia(pinia)
    const orgs = [{ code: 'COMMUNITY', name_zh: '社区', name_en: 'Community office' }, { code: 'SL', name_zh: '值班长', name_en: 'Shift leader' }]
    useCatalogue().words = { orgs } as unknown as Catalogue
    const called = [{ role: 'COMMUNITY', why: 'nobody_on_duty', people: [] }, { role: 'SL', why: 'on_call', people: ['p-sl'] }]
    const row = { at: '2026-11-26T08:00:00+08:00', action: 'escalate', actor: 'duty', from_state: 'open', to_state: 'open', reason: '', detail: { called } }
    render(LogList, { props: { rows: [row as unknown as AlertLogRow], kind: 'alert' }, global: { plugins: [i18n, pinia] } })
    expect(screen.getByTestId('alert-log-row').textContent).toContain('社区无人在岗')
    expect(screen.getByTestId('alert-log-row').textContent).toContain('值班长（待命）')
  })
})
