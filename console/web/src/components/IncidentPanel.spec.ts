import { cleanup, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import IncidentPanel from './IncidentPanel.vue'

const CHILDREN = ['CaseAdvice', 'CaseBelow', 'CaseDossier', 'CaseHolders', 'CaseLinks', 'CaseMessages', 'CasePhotos', 'CasePlan', 'CaseRating', 'CaseReporter', 'IncidentClocks', 'IncidentMoves', 'LogList']
const CASE = { id: 9, case_code: '5106812026', state: 'handling', severity: 1, code: 'FIRE-001', title: '', summary: '', estate: 'E', place: 'E', drill: false, lead_org: null, assignee: null, opened_at: '2026-11-27T10:00:00Z', opened_by: 'rule:烟感', closed_at: null, outcome: null, cause: null, reporter: null, reporter_phone: null, mirrored: false, version: 1, alerts: [{ id: 5, code: 'FIRE-001', state: 'open', raised_at: '2026-11-27T10:00:00Z' }], log: [] }

async function open(more: object, { full = true, role = 'operator' } = {}): Promise<Set<string>> {
  serve({ 'GET /api/incidents/{incident_id}': { ...CASE, ...more } })
  const { container } = show(IncidentPanel, { props: { id: 9, full }, role, stubs: Object.fromEntries(CHILDREN.map((name) => [name, { template: `<i data-child="${name}" />` }])) })
  await screen.findByText('5106812026')
  return new Set([...container.querySelectorAll<HTMLElement>('[data-child]')].map((one) => one.dataset['child']!))
}

it('says who opened it and what it is about, and leads to its alerts', async () => {
  await open({ drill: true })
  const panel = screen.getByTestId('incident-panel')
  expect(panel.dataset['state']).toBe('handling')
  expect(panel.textContent).toMatch(/演练.*处置中.*紧急.*FIRE-001 · E.*主办单位—.*规则 烟感/)
  expect(screen.getByRole('link').getAttribute('href')).toBe('/watch/5')
})

it('lets the centre rate a closed case, link to it and export it, and nobody else', async () => {
  expect(await open({ state: 'closed' })).toEqual(new Set(['CaseHolders', 'CaseMessages', 'CasePhotos', 'CasePlan', 'CaseAdvice', 'CaseRating', 'CaseLinks', 'CaseDossier', 'IncidentClocks', 'IncidentMoves', 'LogList']))
  cleanup()
  const property = await open({ state: 'closed' }, { role: 'property' })
  expect(['CaseRating', 'CaseLinks', 'CaseDossier'].filter((name) => property.has(name))).toEqual([])
})

it('moves no case of a centre below, but speaks to that centre; beside an alert it is short', async () => {
  expect(await open({ mirrored: true, reporter: '李*' }, { full: false })).toEqual(new Set(['CaseReporter', 'IncidentClocks', 'CaseBelow', 'CasePhotos', 'LogList']))
  cleanup()
  expect(await open({ mirrored: true, closed_at: CASE.opened_at }, { full: false })).not.toContain('CaseBelow')
})

it('says that a case is not there for whoever looks', async () => {
  serve({ 'GET /api/incidents/{incident_id}': new Refusal(404) })
  show(IncidentPanel, { props: { id: 9 }, role: 'operator' })
  expect(await screen.findByText('告警不存在，或不在您的辖区内')).toBeTruthy()
})
