import { describe, expect, it } from 'vitest'

import { formOf, isSide } from './incidentMoves'

const fresh = { outcome: null, cause: null, lead_org: 'PM' }
const move = (action: string, ...needs: string[]) => ({ action, needs, why: null })

describe('the form of a step', () => {
  it('asks for what the guards need', () => {
    expect([...formOf(move('close', 'outcome', 'cause'), fresh).required]).toEqual(['outcome', 'cause'])
    expect(formOf(move('merge', 'reason', 'other'), fresh).fields).toEqual(['other', 'reason'])
    expect(formOf(move('arrive', 'where'), fresh).fields).toEqual(['place'])
  })

  it('does not insist on what is known already', () => {
    expect([...formOf(move('close', 'outcome', 'cause'), { ...fresh, outcome: 'true_alarm' }).required]).toEqual(['cause'])
  })

  it('is empty for a step that needs nothing', () => {
    expect(formOf(move('acknowledge'), fresh).fields).toEqual([])
  })

  it('keeps side steps apart', () => {
    expect(isSide('supervise')).toBe(true)
    expect(isSide('arrive')).toBe(false)
  })
})
