import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCatalogue } from '@/stores/catalogue'
import { show } from '@/testing'

import ChoreRow from './ChoreRow.vue'

const chore = (more = {}) => ({ subject: 'd1', name_zh: '烟感', name_en: 'Smoke', place: null, since: null, detail: '', incident: null, ...more })
const open = (kind: string, more = {}) => {
  const known = () => (useCatalogue().words = { alerts: [{ code: 'FIRE-001', name_zh: '烟雾报警', name_en: 'Smoke' }], profiles: [{ family: 'smoke_sensor', name_zh: '烟感', name_en: 'Smoke detector' }] } as never)
  const view = show(ChoreRow, { props: { kind, chore: chore(more) }, known })
  return { ...view, row: screen.getByTestId('chore') }
}

it('means in words what its kind says in a code', () => {
  for (const [kind, detail, said] of [['battery', '12', '电量 12%'], ['maintenance', '2026-03-01', '到期日 2026-03-01'], ['offline', 'smoke_sensor', '烟感烟感'], ['order', 'acknowledged', '已签收，未到场'], ['quiet', '施工', '施工']] as const) {
    const { row, unmount } = open(kind, { detail })
    expect(row.textContent).toContain(said)
    unmount()
  }
  expect(open('contact', { detail: 'no_phone' }).row.textContent).not.toContain('no_phone')
})

it('leads to the page that mends it, and says since when where that is known', () => {
  const { row, unmount } = open('battery', { since: new Date().toISOString(), place: 'EST1' })
  expect(row.getAttribute('href')).toBe('/device/d1?tab=health')
  expect(row.textContent).toContain('EST1')
  expect(row.querySelector('time')).not.toBeNull()
  unmount()
  expect(open('repair').row.querySelector('time')).toBeNull()
})

it('is called by what the case is about; one without a name still says what to do', () => {
  const { row, unmount } = open('order', { name_zh: '', name_en: '', incident: { code: 'FIRE-001', case_code: '5106', severity: 1 } })
  expect(row.textContent).toMatch(/烟雾报警.*案号 5106/s)
  unmount()
  expect(open('contact', { name_zh: '', name_en: '' }).row.textContent).toContain('去处理')
})
