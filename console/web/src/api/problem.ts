/** What went wrong in one call: the server's problem details, or no answer at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** The thing has moved on: another action is legal now. */
    readonly moved = false,
    /** Where somebody was faster: who did what. */
    readonly last: { actor: string; action: string } | null = null,
    /** The kind of problem, a stable name. */
    readonly type = '',
  ) {
    super(detail || title)
    this.name = 'Problem'
  }

  /** The network or the server gave no answer. */
  get silent(): boolean {
    return this.status === 0
  }
}

export function problemFrom(status: number, body: unknown): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const text = (key: string) => (typeof fields[key] === 'string' ? fields[key] : '')
  return new Problem(status, text('title') || `HTTP ${status}`, text('detail'), 'legal' in fields, lastOf(fields['last']), text('type'))
}

function lastOf(value: unknown): { actor: string; action: string } | null {
  if (typeof value !== 'object' || value === null || !('actor' in value) || !('action' in value)) return null
  return { actor: String(value.actor), action: String(value.action) }
}
