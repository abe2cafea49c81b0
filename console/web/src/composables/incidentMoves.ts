import type { IncidentDetail } from '@/api/types'

type Move = IncidentDetail['moves'][number]

/** What the server wants with a step, as fields of the page. */
export const FIELDS: Readonly<Record<string, string>> = {
  reason: 'reason',
  result: 'reason',
  where: 'place',
  outcome: 'outcome',
  cause: 'cause',
  other: 'other',
  org: 'org',
  hours: 'hours',
  grade: 'grade',
}

/** A word to somebody is worth writing down even where nobody asks for it. */
const REMARK = new Set(['verify', 'close', 'rate', 'urge', 'supervise', 'handle', 'suspend', 'grant_extension'])
const OFFERS: Readonly<Record<string, readonly string[]>> = { verify: ['outcome'], dispatch: ['org'], reopen: ['org'] }
/** Possible in every open state; they move nothing forward and stand apart. */
const SIDE = new Set(['urge', 'supervise', 'escalate', 'whistle', 'transfer_up', 'merge', 'note', 'grade', 'reassign', 'ask_extension', 'ask_suspension', 'return_order', 'reject'])

export const isSide = (action: string): boolean => SIDE.has(action)

export interface Form {
  fields: readonly string[]
  required: ReadonlySet<string>
}

/** The form of a step: what must be there, and what may; without any field it is done at once. */
export function formOf(move: Move, known: Pick<IncidentDetail, 'outcome' | 'cause' | 'lead_org'>): Form {
  const wanted = move.needs.map((need) => FIELDS[need] ?? need)
  const answered = new Set([known.outcome && 'outcome', known.cause && 'cause'].filter(Boolean) as string[])
  const required = new Set(wanted.filter((field) => !answered.has(field)))
  const offered = [...(OFFERS[move.action] ?? []), ...(REMARK.has(move.action) ? ['reason'] : [])]
  const fields = [...new Set([...wanted, ...offered])].sort((a, b) => Number(a === 'reason') - Number(b === 'reason'))
  return { fields, required }
}
