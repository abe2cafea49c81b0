import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCatalogue } from '@/stores/catalogue'
import { useHolds } from '@/stores/holds'
import { show } from '@/testing'

import AlertRow from './AlertRow.vue'

const alert = (more = {}) => ({ id: 7, code: 'FIRE-001', severity: 1, state: 'open', estate: 'EST1', place: 'EST1', hit_count: 1, raised_at: new Date().toISOString(), acked_at: null, ended_at: null, cleared_at: null, drill: false, held_by: null, hush_reason: null, ...more })
const open = (more = {}, props = {}) =>
  show(AlertRow, { props: { alert: alert(more), selected: false, ...props }, role: 'operator', stubs: { SlaClock: true }, known: () => (useCatalogue().words = { alerts: [{ code: 'FIRE-001', name_zh: '烟雾报警', name_en: 'Smoke' }] } as never) })
const row = () => screen.getByTestId('alert-row')

it('says what, how grave, in which state, and opens the case', async () => {
  const { emitted } = open({}, { selected: true })
  expect(row().textContent).toMatch(/紧急.*烟雾报警.*待接警/s)
  expect(row().getAttribute('aria-current')).toBe('true')
  expect(row().className).toContain('waiting')
  await fireEvent.click(row())
  expect(emitted('select')).toEqual([[7]])
})

it('waits for nobody once acknowledged', () => {
  open({ state: 'acknowledged', acked_at: '2026-01-01T00:00:00Z' })
  expect(row().className).not.toContain('waiting')
  expect(row().textContent).toContain('已接警')
})

it('tells hits, the group, a drill and that it is calm again, each only where it is so', () => {
  const { unmount } = open({ hit_count: 3, drill: true, cleared_at: '2026-01-01T00:00:00Z' }, { others: 2 })
  for (const said of ['3 次', '共 3 条', '演练', '现场已恢复']) expect(row().textContent).toContain(said)
  unmount()
  open({ cleared_at: '2026-01-01T00:00:00Z', ended_at: '2026-01-01T00:01:00Z' })
  for (const silent of ['次', '共', '演练', '现场已恢复']) expect(row().textContent).not.toContain(silent)
})

it('shows who else has it open, and why one is kept back', async () => {
  open({ state: 'suppressed', held_by: { kind: 'alert', code: 'FIRE-001' } })
  const soon = new Date(Date.now() + 60_000).toISOString()
  for (const who of ['li', 'me']) useHolds().take({ alert: 7, incident: null, who, name: who, until: soon, since: soon } as never)
  expect((await screen.findAllByTestId('row-held')).map(({ textContent }) => textContent)).toEqual(['li 正在查看'])
  expect(row().textContent).toContain('烟雾报警')
  expect(row().textContent).not.toContain('已抑制')
})
