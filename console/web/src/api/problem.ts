/** What went wrong in one call: the server's problem details, or no answer at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly legal: readonly string[] | null = null,
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
  const legal = Array.isArray(fields['legal']) ? fields['legal'].map(String) : null
  return new Problem(status, text('title') || `HTTP ${status}`, text('detail'), legal)
}
