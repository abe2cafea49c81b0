import { screen } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'

import { show, stopClock } from '@/testing'

import IncidentClocks from './IncidentClocks.vue'

const at = (time: string) => `2026-11-27T${time}:00Z`
const clock = (name: string, more = {}) => ({ clock: name, running: true, working: false, met_at: null, breached_at: null, began_at: at('09:50'), amber_at: at('10:06'), due_at: at('10:10'), supervise_at: at('10:20'), spent_s: 0, limit_s: 1200, ...more })
const open = (clocks: object[], more = {}) => show(IncidentClocks, { props: { incident: { clocks, ladder: 0, supervised_at: null, ...more } } })
const said = () => screen.getAllByTestId('incident-clock').map((row) => `${row.dataset['tone']} ${row.textContent}`)

beforeEach(() => stopClock(at('10:00')))

it('says how long is left or how late it is, what was kept and what stands still', () => {
  open([clock('sign'), clock('arrive', { due_at: at('09:59'), amber_at: at('09:58') }), clock('accept', { met_at: at('09:55') }), clock('close', { running: false, spent_s: 600, working: true })])
  expect(said()).toEqual(['calm 签收剩 10:00', 'red 到场超时 1:00', 'met 受理已按时', 'still 结案已暂停'])
  expect(screen.getAllByRole('img').map((bar) => bar.getAttribute('aria-label'))).toEqual(['50 %', '102 %', '100 %', '50 %'])
})

it('says of a clock that it counts working time only', () => {
  open([clock('close', { working: true, due_at: '2026-11-29T10:00:00Z' })])
  expect(said()[0]).toBe('calm 结案剩 2 天 工作时间')
})

it('shows how high the case has climbed, and that it is supervised', () => {
  open([], { ladder: 2, supervised_at: at('09:59') })
  expect(screen.getByTestId('incident-ladder').querySelector('[aria-current="step"]')!.textContent).toBe('镇街')
  expect(screen.getByTestId('supervised').textContent).toBe('督办中')
})
