import type { Alert } from '@/api/types'

export type SlaState =
  | { kind: 'none' }
  | { kind: 'running'; seconds: number; share: number }
  | { kind: 'late'; seconds: number }
  | { kind: 'met'; seconds: number }

type Clocked = Pick<Alert, 'raised_at' | 'acked_at' | 'ended_at'>

/** How the promise to acknowledge stands: time left, time overdue, or how long it took. */
export function acceptSla(alert: Clocked, acceptSeconds: number | null | undefined, now: number): SlaState {
  if (acceptSeconds == null) return { kind: 'none' }
  const raised = Date.parse(alert.raised_at)
  if (alert.acked_at) return { kind: 'met', seconds: Math.max(0, (Date.parse(alert.acked_at) - raised) / 1000) }
  if (alert.ended_at) return { kind: 'none' }
  const left = acceptSeconds - (now - raised) / 1000
  if (left <= 0) return { kind: 'late', seconds: Math.abs(left) }
  return { kind: 'running', seconds: left, share: left / acceptSeconds }
}
