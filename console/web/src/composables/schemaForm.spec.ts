import { describe, expect, it } from 'vitest'

import { begin, fieldsOf, shown, typed } from './schemaForm'

const fields = fieldsOf({
  type: 'object',
  required: ['alarm_level'],
  properties: {
    alarm_level: { type: 'number', title: '报警浓度', 'x-title-en': 'Alarm level', minimum: 1, maximum: 20, default: 5 },
    mode: { enum: ['day', 'night', null], title: '模式' },
    siren: { anyOf: [{ type: 'boolean' }, { type: 'null' }], default: true },
    phones: { type: 'array', items: { type: 'string' } },
    hours: { type: 'object' },
    armed: { type: 'array', items: { type: 'string' }, 'x-hours': true },
  },
})
const by = (key: string) => fields.find((field) => field.key === key)!

describe('fieldsOf', () => {
  it('draws each property as what it is', () => {
    expect(fields.map((field) => [field.key, field.kind])).toEqual([
      ['alarm_level', 'number'],
      ['mode', 'choice'],
      ['siren', 'switch'],
      ['phones', 'list'],
      ['hours', 'json'],
      ['armed', 'hours'],
    ])
    expect(by('alarm_level')).toMatchObject({ title_zh: '报警浓度', title_en: 'Alarm level', required: true, least: 1, most: 20 })
    expect(by('mode').choices).toEqual(['day', 'night'])
  })
})

describe('values', () => {
  it('begin with what is wanted, else the default', () => {
    expect(begin(fields, { alarm_level: 8 })).toEqual({ alarm_level: 8, siren: true })
  })

  it('are typed as the schema wants them, and read back the same', () => {
    const list = by('phones')
    expect(typed(by('alarm_level'), '7.5')).toBe(7.5)
    expect(typed(by('mode'), 'day')).toBe('day')
    expect(typed(list, '1\n\n 2 ')).toEqual(['1', '2'])
    expect(shown(list, ['1', '2'])).toBe('1\n2')
    expect(typed(by('hours'), '{"a":1}')).toEqual({ a: 1 })
    expect(typed(by('hours'), '{')).toBe('{')
    expect(typed(by('alarm_level'), ' ')).toBeUndefined()
  })
})
