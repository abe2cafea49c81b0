/** A parameter's value as people write it. */
export function inWriting(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.map(String).join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const UNITS = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days' } as const

/** Whether a value is a length of time as rules write it: 90s, 15m, 24h, 7d. */
export const isSpan = (value: unknown): value is string => typeof value === 'string' && /^\d+[smhd]$/.test(value)

/** Its figure, and the word of its unit. */
export const spanOf = (span: string): { n: number; unit: (typeof UNITS)[keyof typeof UNITS] } => ({ n: Number.parseInt(span, 10), unit: UNITS[span.at(-1) as keyof typeof UNITS] })

/** What was written, as the kind of thing the shipped value is; undefined where it cannot be that. */
export function readAs(shipped: unknown, text: string): unknown {
  const said = text.trim()
  if (Array.isArray(shipped)) return said === '' ? [] : said.split(/[,，、\s]+/).filter(Boolean)
  if (typeof shipped === 'number') return said !== '' && Number.isFinite(Number(said)) ? Number(said) : undefined
  if (typeof shipped === 'boolean') return said === 'true' ? true : said === 'false' ? false : undefined
  if (typeof shipped === 'string') return said || undefined
  try {
    return said === '' ? null : JSON.parse(said)
  } catch {
    return undefined
  }
}
