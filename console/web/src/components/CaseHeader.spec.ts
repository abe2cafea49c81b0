import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import CaseHeader from './CaseHeader.vue'

const alert = (more = {}) => ({ id: 7, code: 'FIRE-001', severity: 1, state: 'acknowledged', estate: 'EST1', place: 'R1', raised_at: '2026-01-01T00:00:00Z', last_seen: '2026-01-01T01:00:00Z', hit_count: 1, confidence: null, outcome: null, acked_by: null, ack_until: null, lapses: 0, late_by_s: null, cleared_at: null, ended_at: null, ...more })
const step = (code: string, kind: string, name_zh: string) => ({ code, kind, name_zh, name_en: code })
const PATH = [step('C', 'community', '城南社区'), step('E', 'estate', '幸福里'), step('B', 'building', '3栋'), step('R', 'room', '3栋502室')]
const open = (more = {}, { detail = null as object | null, lang = 'zh' as 'zh' | 'en' } = {}) => show(CaseHeader, { props: { alert: alert(more), detail }, lang, stubs: { SlaClock: true } }).container.textContent

it('says where it is, the nearest first', () => {
  open({}, { detail: { place_path: PATH } })
  expect(screen.getByTestId('place-path').textContent).toBe('3栋502室城南社区 › 幸福里')
})

it('knows the code of the place before the case is read', () => {
  open()
  expect(screen.getByTestId('place-path').textContent).toBe('R1EST1')
})

it('tells who took it, how sure it is, and how often it lapsed', () => {
  const said = open({ acked_by: 'li', confidence: 0.876, lapses: 2, hit_count: 3, outcome: 'false_alarm', ack_until: '2026-01-01T02:00:00Z' })
  for (const one of ['li 已接警', '可信度 88%', '接警失效 2 次', '3 次', '结论 误报', '接警有效至']) expect(said).toContain(one)
  expect(open({ state: 'closed', ack_until: '2026-01-01T02:00:00Z' })).not.toContain('接警有效至')
})

it('warns of a late message and of a place that says it is calm, until the alert is over', () => {
  expect(open({ late_by_s: 61, cleared_at: '2026-01-01T00:00:00Z' })).toMatch(/迟到了.*现场已恢复/s)
  expect(open({ late_by_s: 60, cleared_at: '2026-01-01T00:00:00Z', ended_at: '2026-01-01T00:00:00Z' })).not.toMatch(/迟到了|现场已恢复/)
})

it('has no Chinese brackets in English', () => {
  expect(open({ hit_count: 2, outcome: 'test' }, { lang: 'en' })).not.toMatch(/[：（），]/)
})
