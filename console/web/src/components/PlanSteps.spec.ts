import { screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import PlanSteps from './PlanSteps.vue'

const step = (n: number, stage: number, what: object) => ({ n, stage, when: 'at_once', order: 'parallel', until: null, after_s: 0, people: 1, skills: [], text: null, ...what })
const STEPS = [
  step(1, 1, { do: 'send', role: 'GRID', people: 2, skills: ['CPR'] }),
  step(2, 1, { do: 'tell', to: 'building', by: 'sms', after_s: 60 }),
  step(3, 2, { do: 'command', name: 'open_door', profile: 'access_control', within: 'building', when: 'confirmed', until: 'arrived', after_s: 120, text: { zh: '先看摄像机', en: 'Look first' } }),
]
const stages = () => [...screen.getByTestId('plan-steps').children].map((stage) => stage.querySelector('h4')!.textContent)
const said = (container: Element) => [...container.querySelectorAll('.step')].map((one) => one.textContent)

it('says a plan in sentences, stage by stage', () => {
  const { container } = show(PlanSteps, { props: { steps: STEPS } })
  expect(stages()).toEqual(['立即 · 同时进行', '确认后 · 2 分钟后 · 直到有人到场'])
  expect(said(container)).toEqual(['派 GRID 2 人需会 CPR', '通知 本楼楼栋长、单元长 · 短信1 分钟后', '开门（楼栋内access_control）先看摄像机'])
})

it('says it in English too', () => {
  const { container } = show(PlanSteps, { props: { steps: STEPS.slice(2) }, lang: 'en' })
  expect(said(container)[0]).toMatch(/Look first$/)
  expect(container.textContent).not.toMatch(/[一-龥]/)
})

it('marks of a run what became of each step', () => {
  show(PlanSteps, { props: { steps: [step(1, 1, { do: 'camera', state: 'done', at: '2026-11-27T10:00:00Z', outcome: {} }), step(2, 1, { do: 'advise', state: 'withheld', at: null, outcome: {} })] } })
  const [done, withheld] = within(screen.getByTestId('plan-steps')).getAllByRole('listitem').filter((row) => row.dataset['state'])
  expect(done!.textContent).toMatch(/^✓调看最近的摄像机完成/)
  expect(withheld!.textContent).toMatch(/^⊘提示值班员演练，未外呼/)
})
