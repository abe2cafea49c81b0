import type { PlanStep, RunStep } from '@/api/types'

type AnyStep = PlanStep | RunStep
export interface Stage {
  n: number
  when: string
  order: string
  until: string | null
  after: number
  steps: AnyStep[]
}

/** Steps that begin together, in the order of the plan. */
export function stagesOf(steps: readonly AnyStep[]): Stage[] {
  const stages = new Map<number, Stage>()
  for (const step of steps) {
    const stage = stages.get(step.stage) ?? { n: step.stage, when: step.when, order: step.order, until: null, after: step.after_s, steps: [] }
    stage.steps.push(step)
    stage.until ??= step.until ?? null
    stage.after = Math.min(stage.after, step.after_s)
    stages.set(step.stage, stage)
  }
  return [...stages.values()]
}
