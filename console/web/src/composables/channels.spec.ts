import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { CHANNEL_KINDS, filled, kindOf, settingsOf } from './channels'

const SERVER = readFileSync(join(import.meta.dirname, '../../../../ingest/deliver/endpoint.py'), 'utf8')
const fieldsOf = (name: string): string[] => {
  const body = SERVER.split(`class ${name}(Wire`)[1]!.split(/\n(?=class |\S)/)[0]!
  return [...body.matchAll(/^ {4}(\w+): /gm)].map((match) => match[1]!)
}
const KINDS = [...SERVER.matchAll(/\(Channel\.(\w+), "(\w+)"\): (\w+),/g)].map((match) => ({ channel: match[1]!.toLowerCase(), driver: match[2]!, name: match[3]! }))

describe('kinds of channels', () => {
  it('are those of the server, with its settings', () => {
    expect(CHANNEL_KINDS.map(({ channel, driver }) => `${channel} ${driver}`).sort()).toEqual(KINDS.map(({ channel, driver }) => `${channel} ${driver}`).sort())
    for (const { channel, driver, name } of KINDS) expect(kindOf(channel, driver)!.fields.map((field) => field.name).sort(), name).toEqual(fieldsOf(name).sort())
  })

  it('ask for every secret by name', () => {
    for (const { fields } of CHANNEL_KINDS) for (const { name, type } of fields) expect(type === 'secret', name).toBe(name.endsWith('_secret'))
  })

  it('begin with what is usual and send nothing that was left empty', () => {
    const mail = kindOf('email', 'smtp')!
    const form = filled(mail, { host: 'mail.example', sender: 'a@b.example' })
    expect(form).toMatchObject({ port: 587, security: 'starttls', username: '' })
    expect(settingsOf(mail, form)).toEqual({ host: 'mail.example', port: 587, sender: 'a@b.example', security: 'starttls' })
  })
})
