/** A flat JSON Schema as fields of a form. What it cannot draw is written as JSON. */
type Loose = Record<string, unknown>

export interface Field {
  key: string
  kind: 'switch' | 'choice' | 'number' | 'text' | 'list' | 'json' | 'drawn' | 'hours'
  title_zh: string
  title_en: string
  hint: string
  required: boolean
  choices: (string | number)[]
  whole: boolean
  least?: number
  most?: number
  pattern?: string
  longest?: number
  unit: string
  fallback?: unknown
}

const loose = (value: unknown): Loose => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** The one type a property has beside null. */
function typeOf(property: Loose): string {
  const types = [property['type'], ...(Array.isArray(property['anyOf']) ? property['anyOf'].map((one) => loose(one)['type']) : [])].flat()
  return text(types.find((one) => typeof one === 'string' && one !== 'null'))
}

function kindOf(property: Loose, choices: unknown[]): Field['kind'] {
  if (property['x-draw'] !== undefined) return 'drawn'
  if (property['x-hours'] === true) return 'hours'
  if (choices.length > 0) return 'choice'
  const type = typeOf(property)
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string') return 'text'
  return type === 'array' && typeOf(loose(property['items'])) === 'string' ? 'list' : 'json'
}

export function fieldsOf(schema: Loose): Field[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(loose(schema['properties'])).map(([key, value]) => {
    const property = loose(value)
    const choices = (Array.isArray(property['enum']) ? property['enum'] : []).filter((one) => one !== null) as (string | number)[]
    return {
      key,
      kind: kindOf(property, choices),
      title_zh: text(property['title']) || key,
      title_en: text(property['x-title-en']) || text(property['title']) || key,
      hint: text(property['description']),
      required: required.includes(key),
      choices,
      whole: typeOf(property) === 'integer',
      least: number(property['minimum']) ?? number(property['exclusiveMinimum']),
      most: number(property['maximum']) ?? number(property['exclusiveMaximum']),
      pattern: text(property['pattern']) || undefined,
      longest: number(property['maxLength']),
      unit: text(property['x-unit']),
      fallback: property['default'],
    }
  })
}

/** What the form begins with: what is wanted now, else the defaults. */
export function begin(fields: readonly Field[], data: Loose | null | undefined): Loose {
  return Object.fromEntries(fields.map((field) => [field.key, data?.[field.key] ?? field.fallback]).filter(([, value]) => value !== undefined))
}

/** What a person typed, as the schema wants it; empty: left out. Undefined JSON stays text, for the server to refuse. */
export function typed(field: Field, raw: string): unknown {
  if (raw.trim() === '') return undefined
  if (field.kind === 'number') return Number(raw)
  if (field.kind === 'choice') return field.choices.find((choice) => String(choice) === raw)
  if (field.kind === 'list' || field.kind === 'hours') return raw.split('\n').map((line) => line.trim()).filter(Boolean)
  if (field.kind !== 'json') return raw
  try {
    return JSON.parse(raw) as unknown
  } catch {
    return raw
  }
}

/** A value as it is typed. */
export function shown(field: Field, value: unknown): string {
  if (value === undefined || value === null) return ''
  if ((field.kind === 'list' || field.kind === 'hours') && Array.isArray(value)) return value.join('\n')
  return field.kind === 'json' ? JSON.stringify(value) : String(value)
}
