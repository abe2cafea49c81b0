import type { Incident } from '@/api/types'

export interface Needs {
  reason: 'required' | 'optional' | null
  outcome: boolean
  org: boolean
  nothing: boolean
}

/** A refusal or a step back must say why. */
const WHY = new Set(['reject', 'return_order', 'suspend', 'ask_extension', 'refuse_extension', 'reopen', 'merge'])
/** A result, or a word to somebody, is worth writing down. */
const REMARK = new Set(['report_back', 'verify', 'close', 'rate', 'urge', 'supervise', 'escalate', 'whistle', 'transfer_up'])
const SEND = new Set(['dispatch', 'reopen'])
/** Possible in every open state; they move nothing forward and stand apart. */
const SIDE = new Set(['urge', 'supervise', 'escalate', 'whistle', 'transfer_up', 'merge'])

export const isSide = (action: string): boolean => SIDE.has(action)

/** What the page asks before it sends an action; the server has the last word. */
export function needsOf(action: string, incident: Pick<Incident, 'outcome'>): Needs {
  const reason = WHY.has(action) ? 'required' : REMARK.has(action) ? 'optional' : null
  const outcome = action === 'verify' || (action === 'close' && !incident.outcome)
  const org = SEND.has(action)
  return { reason, outcome, org, nothing: !reason && !outcome && !org }
}
