import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CaseAdvice from './CaseAdvice.vue'

const ORGANISATION = { roles: [], skills: [{ code: 'aid', name_zh: '急救', name_en: 'First aid' }], resource_kinds: [{ code: 'aed', name_zh: 'AED', name_en: 'AED' }] }
const need = (more = {}) => ({ role: 'POLICE', wanted: 2, found: 0, short: 2, missing_skills: ['aid'], picks: [], others: [], ...more })
const thing = (more = {}) => ({ id: 1, kind: 'aed', name_zh: '一号', name_en: 'One', distance_m: 80, quantity: 1, basis: 'own', usable: true, expired: false, state: 'ready', ...more })
const ALERT = '/api/alerts/{alert_id}/recommended'
const unfold = async () => {
  const fold = screen.getByTestId<HTMLDetailsElement>('advice')
  fold.open = true
  await fireEvent(fold, new Event('toggle'))
  await settled()
}

it('asks nothing before somebody looks, then says who is missing and what is near', async () => {
  const { calls } = serve({ 'GET /api/organisation': ORGANISATION, [`GET ${ALERT}`]: { people: [need()], resources: [thing(), thing({ id: 2, usable: false, expired: true })] } })
  show(CaseAdvice, { props: { kind: 'alert', id: 7 }, role: 'operator' })
  expect(calls('GET')).toEqual([])
  await unfold()
  expect(calls('GET').at(-1)).toEqual([ALERT, { params: { path: { alert_id: 7 } } }])
  expect(screen.getByTestId('advice-short').textContent).toBe('需 2 人，找到 0 人')
  expect(screen.getByTestId('advice-role').textContent).toMatch(/缺技能：急救.*无人可派/s)
  const [near, old] = screen.getAllByTestId('advice-thing')
  expect(near!.textContent).not.toContain('已过期')
  expect(old!.textContent).toContain('已过期')
})

it('asks anew about another case, and again after a refusal', async () => {
  const URI = '/api/incidents/{incident_id}/recommended'
  const answers: Record<string, unknown> = { 'GET /api/organisation': ORGANISATION, [`GET ${URI}`]: new Refusal(503, { title: 'away' }) }
  const { calls } = serve(answers)
  const { rerender } = show(CaseAdvice, { props: { kind: 'incident', id: 7 }, role: 'operator' })
  await unfold()
  expect(screen.getByRole('alert').textContent).toContain('away')
  answers[`GET ${URI}`] = { people: [need({ found: 2, short: 0, missing_skills: [] })], resources: [] }
  await fireEvent.click(screen.getByRole('button', { name: '重试' }))
  expect(await screen.findByTestId('advice-role')).toBeTruthy()
  expect(screen.queryByTestId('advice-short')).toBeNull()
  await rerender({ kind: 'incident', id: 8 })
  await settled()
  expect(calls('GET').at(-1)![1]).toEqual({ params: { path: { incident_id: 8 } } })
})

it('is not for who only reads alerts', () => {
  show(CaseAdvice, { props: { kind: 'alert', id: 7 }, role: 'developer' })
  expect(screen.queryByTestId('advice')).toBeNull()
})
