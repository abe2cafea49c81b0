/** What an explanation's parts hold, ready to be shown. */

const FIELD = /\bdata\.([A-Za-z_]\w*)/g
const TIME = /^\d{4}-\d\d-\d\dT/

/** The figures that a predicate looks at; undefined where the message left one out. */
export function figuresOf(test: string, data: Record<string, unknown>): { name: string; value: string | undefined }[] {
  const names = new Set([...test.matchAll(FIELD)].map((match) => match[1]!))
  return [...names].map((name) => ({ name, value: data[name] === undefined || data[name] === null ? undefined : String(data[name]) }))
}

/** A rule's memory: the times of what it counted, and its other figures. */
export function windowOf(window: Record<string, unknown> | null | undefined): { times: string[]; figures: [string, unknown][] } {
  const inner = typeof window?.['inner'] === 'object' && window['inner'] !== null ? (window['inner'] as Record<string, unknown>) : {}
  const flat = Object.entries({ ...inner, ...window }).filter(([key]) => key !== 'type' && key !== 'inner')
  const lists = flat.flatMap(([, value]) => (Array.isArray(value) && value.every(Array.isArray) ? (value as unknown[][]) : []))
  const times = lists.map((entry) => entry.find((part) => typeof part === 'string' && TIME.test(part))).filter((at) => typeof at === 'string')
  return { times, figures: flat.filter(([, value]) => value !== null && typeof value !== 'object') }
}
