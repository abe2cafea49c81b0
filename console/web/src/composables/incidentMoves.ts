export interface Needs {
  reason: 'required' | 'optional' | null
  outcome: boolean
  org: boolean
  nothing: boolean
}

/** A refusal or a step back must say why. */
const WHY = new Set(['reject', 'return', 'return_order', 'fail', 'reopen', 'merge', 'suspend', 'extend', 'escalate', 'transfer_up', 'supervise'])
/** A result is worth a word. */
const REPORT = new Set(['report_back', 'verify', 'close', 'comment', 'assess', 'urge', 'whistle'])
const JUDGE = new Set(['verify'])
const SEND = new Set(['dispatch', 'redispatch'])

/** What the page asks before it sends an action; the server has the last word. */
export function needsOf(action: string): Needs {
  const reason = WHY.has(action) ? 'required' : REPORT.has(action) ? 'optional' : null
  const [outcome, org] = [JUDGE.has(action), SEND.has(action)]
  return { reason, outcome, org, nothing: !reason && !outcome && !org }
}
