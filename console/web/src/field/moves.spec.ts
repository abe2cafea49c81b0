import { describe, expect, it } from 'vitest'

import type { Clock, FieldAction, FieldOrder } from '@/api/types'

import { clocksAfter, legalAfter, stateAfter, type Waiting } from './moves'

const clock = (name: Clock['clock']) => ({ clock: name }) as Clock
const order = (more: Partial<FieldOrder> = {}) =>
  ({ id: 1, role: 'lead', state: 'sent', incident_state: 'dispatched', clocks: [clock('sign'), clock('arrive')], legal: ['acknowledge', 'return_order', 'ask_help', 'note'], ...more }) as FieldOrder
const waits = (...actions: FieldAction[]) => actions.map((action, index): Waiting => ({ key: `${index}`, user: 'a', order: 1, incident: 1, at: '', action }))

describe('what a phone without network knows', () => {
  it('goes on from what waits', () => {
    expect(legalAfter(order(), [])).toEqual(order().legal)
    expect(legalAfter(order(), waits('acknowledge'))).toEqual(['arrive', 'handle', 'return_order', 'ask_help', 'note'])
    expect(legalAfter(order(), waits('acknowledge', 'arrive', 'ask_help', 'handle'))).toContain('report_back')
    expect(legalAfter(order(), waits('return_order'))).toEqual([])
    expect(stateAfter(order(), waits('acknowledge', 'note', 'arrive'))).toBe('on_scene')
  })

  it('lets an assistant report without handling', () => {
    expect(legalAfter(order({ role: 'assist' }), waits('acknowledge'))).toContain('report_back')
    expect(stateAfter(order({ role: 'assist', incident_state: 'handling' }), [])).toBe('dispatched')
  })

  it('takes no step for done that the centre refused', () => {
    const refused = waits('acknowledge').map((item) => ({ ...item, refused: 'no' }))
    expect(legalAfter(order(), refused)).toContain('acknowledge')
    expect(clocksAfter(order(), refused)).toHaveLength(2)
  })

  it('stops the clock that a waiting step keeps', () => {
    expect(clocksAfter(order(), waits('acknowledge')).map((one) => one.clock)).toEqual(['arrive'])
  })
})
