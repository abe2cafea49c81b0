import { describe, expect, it } from 'vitest'

import type { PlanStep } from '@/api/types'

import { stagesOf } from './planStages'

const step = (n: number, stage: number, after_s: number, until: string | null = null): PlanStep => ({ n, stage, after_s, until, when: stage === 0 ? 'at_once' : 'unanswered', order: 'in_order', do: 'send', role: 'GW', people: 1, skills: [], to: null, by: null, text: null, profile: null, name: null, args: {}, within: null, most: null })

describe('the stages of a plan', () => {
  it('keeps what begins together together, in order', () => {
    expect(stagesOf([step(1, 0, 0), step(2, 0, 0), step(3, 1, 120, 'acknowledged')]).map(({ steps }) => steps.map(({ n }) => n))).toEqual([[1, 2], [3]])
  })

  it('says when a stage begins and until whom it goes on', () => {
    const [, late] = stagesOf([step(1, 0, 0), step(2, 1, 120), step(3, 1, 180, 'acknowledged')])
    expect(late).toMatchObject({ after: 120, until: 'acknowledged', when: 'unanswered' })
  })
})
