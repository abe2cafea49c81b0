import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'

import en from './en'
import zh from './zh'

const SRC = join(import.meta.dirname, '..')
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(vue|ts)$/.test(name) && !/\.spec\.ts$|^i18n|schema\.d\.ts$/.test(name))
const code = files.map((name) => ({ name, text: readFileSync(join(SRC, name), 'utf8') }))
const everything = code.map(({ text }) => text).join('\n')

function keysOf(messages: object, prefix = ''): string[] {
  return Object.entries(messages).flatMap(([key, value]: [string, unknown]) => (typeof value === 'object' && value !== null ? keysOf(value, `${prefix}${key}.`) : [`${prefix}${key}`]))
}
const keys = keysOf(zh)
const known = new Set(keys)

/** Beginnings that the code completes while it runs: t(`state.${…}`), word('state', …) and the like. */
const sections = new Set(keys.flatMap((key) => key.split('.').slice(0, -1).map((_, index, parts) => parts.slice(0, index + 1).join('.'))))
const begun = new Set([...everything.matchAll(/[`']([\w.]+?)\.?(?:\$\{|')/g)].map((match) => match[1]!).filter((text) => sections.has(text)))
const spoken = new Set([...everything.matchAll(/['"`]([\w]+(?:\.[\w-]+)+)['"`]/g)].map((match) => match[1]!))

describe('the words of the page', () => {
  it('has every key in both languages', () => {
    expect(keysOf(en).sort()).toEqual([...keys].sort())
  })

  it('has no room whose words another room overwrites', () => {
    const rooms = import.meta.glob<Record<string, object>>('./*.ts', { eager: true })
    const lost = Object.entries(rooms).flatMap(([file, room]) => {
      const name = file.replace(/^\.\/|\.ts$/g, '')
      return Object.entries(room[`${name}Zh`] ?? {}).filter(([key, words]) => (zh as Record<string, unknown>)[key] !== words).map(([key]) => `${name}.${key}`)
    })
    expect(lost).toEqual([])
  })

  it('has every key that the code names', () => {
    const named = [...everything.matchAll(/\bt\(\s*'([\w.]+)'/g), ...everything.matchAll(/\bt\([^()'`]*\? '([\w.]+)' : '([\w.]+)'/g)]
    const missing = named.flatMap((match) => match.slice(1)).filter((key) => key && !known.has(key))
    expect(missing).toEqual([])
  })

  it('has no key that nothing uses', () => {
    const inUse = (key: string): boolean => spoken.has(key) || [...begun].some((section) => key.startsWith(`${section}.`))
    expect(keys.filter((key) => !inUse(key))).toEqual([])
  })

  it('says in English nothing in Chinese, and the other way round has no empty text', () => {
    const texts = (messages: object): [string, string][] => Object.entries(messages).flatMap(([key, value]: [string, unknown]) => (typeof value === 'object' && value !== null ? texts(value) : [[key, String(value)] as [string, string]]))
    const allowed = ['language'] // each language's name for the other
    expect(texts(en).filter(([key, text]) => /\p{Script=Han}/u.test(text) && !allowed.includes(key))).toEqual([])
    expect([...texts(zh), ...texts(en)].filter(([, text]) => text.trim() === '')).toEqual([])
  })

  it('uses the same placeholders in both languages', () => {
    const marks = (messages: Record<string, unknown>, key: string): string => {
      const text = key.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], messages)
      return [...new Set([...String(text).matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort().join(' ')
    }
    expect(keys.filter((key) => marks(zh, key) !== marks(en, key))).toEqual([])
  })
})

interface TemplateNode {
  tag?: string
  type: number
  content?: string | TemplateNode
  children?: TemplateNode[]
  props?: { type: number; name: string; value?: { content: string }; exp?: { content: string } }[]
  loc: { start: { line: number } }
}
const [ELEMENT, TEXT, INTERPOLATION, ATTRIBUTE] = [1, 2, 5, 6]
const READ_ALOUD = ['title', 'placeholder', 'aria-label', 'alt', 'label']
/** Units and names that are the same in every language. */
const SAME = /^(?:[\s\p{P}\p{S}\d]|MQTT|YAML|JSON|CSV|XLSX|PEM|dBm|Esc)*$/u

function spokenIn(node: TemplateNode): string[] {
  const found: string[] = []
  if (node.tag === 'kbd') return found // keys are named as they are on the keyboard
  if (node.type === TEXT && !SAME.test(String(node.content))) found.push(String(node.content).trim())
  if (node.type === INTERPOLATION) {
    const expression = (node.content as TemplateNode).content as string
    if (/\p{Script=Han}/u.test(expression)) found.push(expression)
  }
  if (node.type === ELEMENT)
    for (const prop of node.props ?? [])
      if (prop.type === ATTRIBUTE && READ_ALOUD.includes(prop.name) && !SAME.test(prop.value?.content ?? '')) found.push(`${prop.name}="${prop.value?.content ?? ''}"`)
  for (const child of node.children ?? []) found.push(...spokenIn(child))
  return found
}

describe('hard-coded words', () => {
  it.each(code.filter(({ name }) => name.endsWith('.vue')))('$name has none in its template', ({ text }) => {
    const template = parse(text).descriptor.template?.ast as unknown as TemplateNode | undefined
    expect(template ? spokenIn(template) : []).toEqual([])
  })

  it.each(code)('$name has none in its script', ({ text }) => {
    const script = text.replace(/<template>[\s\S]*<\/template>|<style[\s\S]*<\/style>|\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
    const words = [...script.matchAll(/(['"`])((?:(?!\1).)*\p{Script=Han}(?:(?!\1).)*)\1/gu)].map((match) => match[2])
    expect(words.filter((word) => !/^rules:/.test(word!))).toEqual([])
  })
})
