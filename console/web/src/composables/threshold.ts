/** A parameter's value as people write it. */
export function inWriting(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.map(String).join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

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
