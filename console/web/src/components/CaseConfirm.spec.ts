import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCatalogue } from '@/stores/catalogue'
import { Refusal, serve, settled, show } from '@/testing'

import CaseConfirm from './CaseConfirm.vue'

const alert = (more = {}) => ({ id: 7, code: 'FIRE-001', confirm_until: new Date(Date.now() + 45_500).toISOString(), verdict: null, verdict_by: null, verdict_at: null, ended_at: null, drill: false, version: 1, ...more })
const URI = '/api/alerts/{alert_id}/verdict'
const open = (more = {}, { role = 'operator', lang = 'zh' as 'zh' | 'en', answer = alert() as unknown } = {}) => {
  const api = serve({ [`POST ${URI}`]: answer })
  const known = () => (useCatalogue().words = { alerts: [{ code: 'FIRE-001', name_zh: '烟雾', name_en: 'Smoke', roles_after_confirm: ['X1', 'X2'] }], orgs: [{ code: 'X1', name_zh: '消防', name_en: 'Fire brigade' }, { code: 'X2', name_zh: '急救', name_en: 'Ambulance' }] } as never)
  return { ...api, ...show(CaseConfirm, { props: { alert: alert(more) }, role, lang, known }) }
}

it('says how long, who is told after it, and what to try', async () => {
  open()
  expect(screen.getByRole('timer').textContent).toBe('0:45 后按真警处理')
  expect(screen.getByTestId('confirm-panel').textContent).toContain('确认后转报：消防、急救')
})

it('lists who is told as an English reader does', () => {
  open({}, { lang: 'en' })
  expect(screen.getByTestId('confirm-panel').textContent).toContain('Fire brigade, Ambulance')
})

it('judges with what was tried, and says why it could not', async () => {
  const { calls } = open({}, { answer: new Refusal(409, { title: 'no', legal: [] }) })
  await fireEvent.click(screen.getByTestId('confirm-task-call_resident'))
  await fireEvent.click(screen.getByTestId('confirm-refuted'))
  await settled()
  expect(calls('POST')[0]).toMatchObject([URI, { params: { path: { alert_id: 7 } }, body: { verdict: 'refuted', note: '电话联系住户' } }])
  expect(screen.getByRole('alert').textContent).toContain('情况有变')
})

it('is read by the property, who decides nothing; a drill tells no outsider', () => {
  open({ drill: true, confirm_until: '2026-01-01T00:00:00Z' }, { role: 'property' })
  expect(screen.getByTestId('confirm-panel').textContent).toMatch(/核实时间已到.*演练：不通知外单位/s)
  expect(screen.queryByTestId('confirm-confirmed')).toBeNull()
})

it('says afterwards who judged; without anything to judge it is not there', () => {
  const { unmount } = open({ verdict: 'assumed', verdict_by: 'system', verdict_at: '2026-01-01T00:00:00Z' })
  expect(screen.getByTestId('confirm-panel').textContent).toContain('60 秒内无人核实')
  expect(screen.queryByRole('timer')).toBeNull()
  unmount()
  open({ confirm_until: null })
  expect(screen.queryByTestId('confirm-panel')).toBeNull()
})
