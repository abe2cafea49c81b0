import type { NewDevice } from '@/api/types'
import { LABEL_WORDS } from '@/i18n/labelWords'

/** What a scanned or typed text says: the code of a label of ours, or papers of the device. */
export type Scanned = { code: string } | { papers: Partial<NewDevice> }

const OURS = /^shequ:claim:([A-Z0-9 -]{8,64})$/i
const TYPED = /^(?:[A-HJKMNP-Z2-9]{4}[- ]){3}[A-HJKMNP-Z2-9]{4}$/i // as it stands below the QR code
const NATIONAL = /^\d{20}$/ // GB/T 28181
const LONGEST = 100


function fieldsOf(pairs: Iterable<[string, unknown]>): Partial<NewDevice> {
  const papers: Partial<NewDevice> = {}
  for (const [name, value] of pairs) {
    const field = LABEL_WORDS[name.trim().toLowerCase().replace(/[_ -]/g, '')]
    const text = String(value ?? '').trim()
    if (field && text) papers[field] ??= text.slice(0, LONGEST)
  }
  return papers
}

function object(text: string): [string, unknown][] {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null ? Object.entries(read) : []
  } catch {
    return [] // most labels are no JSON
  }
}

const address = (text: string): [string, string][] => (URL.canParse(text) ? [...new URL(text).searchParams] : [])
const pairs = (text: string): [string, string][] => text.split(/[;,|\r\n]+/).flatMap((part) => { const [, name, value] = /^([^:=]{1,20})[:=](.+)$/.exec(part) ?? []; return name && value ? [[name, value]] : [] })

/** Read a label. What no rule knows is taken for the serial: whoever scanned sees it in the form and mends it. */
export function readLabel(raw: string): Scanned {
  const text = raw.trim()
  const ours = OURS.exec(text)?.[1] ?? (TYPED.test(text) ? text : null)
  if (ours !== null) return { code: ours }
  if (NATIONAL.test(text)) return { papers: { gb28181_id: text } }
  for (const read of [object, address, pairs]) {
    const papers = fieldsOf(read(text))
    if (Object.keys(papers).length > 0) return { papers }
  }
  return { papers: { serial: text.replace(/\s+/g, ' ').slice(0, LONGEST) } }
}
