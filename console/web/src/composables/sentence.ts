import { parse } from 'yaml'

type Loose = Record<string, unknown>

/** Which messages a part of a rule is about: by type, and the predicate in the rule's own words (true: any of them). */
export interface Clause {
  part: 'when' | 'then' | 'unless' | 'than' | 'until' | 'clear'
  tests: { type: string; text: string | boolean }[]
}

/** A rule file's one rule, as far as it can be said in words; times in seconds. */
export interface Sentence {
  subject: string
  kind: string
  for?: number
  within?: number
  atLeast?: number
  more?: number
  clauses: Clause[]
  steps: { after: number | null; severity: number }[]
  quiet?: number
  repeat?: number
  ends: boolean
  confirm: boolean
  roles: string[]
  rolesAfterConfirm: string[]
  accept?: number
  arrive?: number
  close?: number
  armed: boolean
  params: { name: string; value: string }[]
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }
const PARTS = ['when', 'then', 'unless', 'than', 'until', 'clear'] as const

const loose = (value: unknown): Loose => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {})
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

/** `5m` in seconds; undefined for what is no length of time. */
export function seconds(text: unknown): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(String(text))
  return found ? Number(found[1]) * UNITS[found[2]!]! : undefined
}

/** Read the text of one rule; null where it is not one. */
export function sentenceOf(source: string): Sentence | null {
  let rule: Loose
  try {
    const file: unknown = parse(source)
    const rules = loose(file)['rules']
    rule = loose(Array.isArray(rules) ? rules[0] : undefined)
  } catch {
    return null
  }
  const params = loose(rule['params'])
  const filled = (value: unknown): unknown => (typeof value === 'string' && value.startsWith('$') ? params[value.slice(1)] : value)
  const condition = loose(rule['condition'])
  const number = (key: string): number | undefined => {
    const value = filled(condition[key])
    return typeof value === 'number' ? value : undefined
  }
  if (typeof condition['kind'] !== 'string') return null
  const sla = loose(rule['sla'])
  return {
    subject: String(rule['subject'] ?? 'device'),
    kind: condition['kind'],
    for: seconds(filled(condition['for'])),
    within: seconds(filled(condition['within'])),
    atLeast: number('at_least'),
    more: number('more'),
    clauses: PARTS.filter((part) => condition[part]).map((part) => ({ part, tests: testsOf(loose(condition[part]), params) })),
    steps: (Array.isArray(condition['steps']) ? condition['steps'] : []).map((step) => stepOf(loose(step), filled)),
    quiet: seconds(filled(condition['quiet_for'])),
    repeat: seconds(filled(rule['repeat'])),
    ends: rule['ends'] !== false,
    confirm: rule['confirm_required'] === true,
    roles: texts(rule['roles']),
    rolesAfterConfirm: texts(rule['roles_after_confirm']),
    accept: seconds(sla['accept']),
    arrive: seconds(sla['arrive']),
    close: seconds(sla['close']),
    armed: rule['schedule'] !== undefined || rule['armed'] !== undefined,
    params: Object.entries(params).map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) })),
  }
}

function testsOf(part: Loose, params: Loose): Clause['tests'] {
  const said = (text: string): string =>
    text.replace(/\$([A-Za-z_]\w*)/g, (whole, name: string) => (name in params ? literal(params[name]) : whole))
  return Object.entries(part).map(([type, text]) => ({ type, text: typeof text === 'boolean' ? text : said(String(text)) }))
}

const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value))

function stepOf(step: Loose, filled: (value: unknown) => unknown): Sentence['steps'][number] {
  return { after: seconds(filled(step['after'])) ?? null, severity: Number(step['severity'] ?? 4) }
}
