import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import PlanOutcome from './PlanOutcome.vue'

const named = (id: string) => ({ id, name_zh: `名${id}`, name_en: id })
const open = (outcome: object, state = 'done') => show(PlanOutcome, { props: { step: { state, outcome } } }).container.textContent

it('says who was sent and when they come, and who is missing', () => {
  expect(open({ orders: [{ person: 'a', name: '李', eta_s: 300 }, { person: null, name: null, eta_s: null }], short: 2, missing_skills: ['CPR'] })).toBe('已派 李 (约 5 分钟)缺 2 人 · 缺技能：CPR')
})

it('says that an order went to an organisation, nobody in person', () => {
  expect(open({ orders: [{ person: null, name: null, eta_s: null }] })).toBe('已派单位')
})

it('says who was told and what was opened, and leads to the cameras that look', () => {
  expect(open({ people: [{ person: 'a', name: '李' }, { person: 'b', name: '王' }], commands: [named('门')], cameras: [named('cam')] })).toBe('已通知 李、王已下发 名门名cam')
  expect(screen.getByRole('link').getAttribute('href')).toBe('/device/cam')
})

it('says why a step failed, and nothing of one that waits', () => {
  expect(open({ reason: '设备离线' }, 'failed')).toBe('设备离线')
  expect(open({}, 'waiting')).toBe('')
})
