import { describe, expect, it } from 'vitest'

import { seconds, sentenceOf } from './sentence'

const LOITERING = `
rules:
  - code: SEC-003
    names: {zh: 徘徊, en: Loitering}
    severity: 3
    subject: track
    params: {after: 5m, zone: entrance}
    condition:
      kind: held
      for: $after
      quiet_for: 30m
      when: {camera.object: data.zone == $zone && data.phase != 'leave'}
      until: {camera.object: data.phase == 'leave'}
    repeat: 1h
    roles: [PM]
    sla: {accept: 30m}
`

describe('sentenceOf', () => {
  it('fills in the parameters', () => {
    const said = sentenceOf(LOITERING)!
    expect(said).toMatchObject({ subject: 'track', kind: 'held', for: 300, quiet: 1800, repeat: 3600, accept: 1800, ends: true, confirm: false })
    expect(said.clauses[0]).toEqual({ part: 'when', tests: [{ type: 'camera.object', text: "data.zone == 'entrance' && data.phase != 'leave'" }] })
    expect(said.params).toContainEqual({ name: 'after', value: '5m' })
  })

  it('knows the steps of an absence, and the device’s own limit', () => {
    const text = 'rules:\n  - subject: device\n    condition:\n      kind: absence\n      when: {"*": true}\n      steps: [{after: offline_after, severity: 4}, {after: 3d, severity: 2}]'
    expect(sentenceOf(text)!.steps).toEqual([
      { after: null, severity: 4 },
      { after: 259_200, severity: 2 },
    ])
  })

  it.each(['', 'rules: []', 'rules: [', '- a', 'rules: {a: 1}'])('is silent about %j', (text) => {
    expect(sentenceOf(text)).toBeNull()
  })
})

describe('seconds', () => {
  it('reads lengths of time and nothing else', () => {
    expect([seconds('90s'), seconds('1.5h'), seconds('soon'), seconds(undefined)]).toEqual([90, 5400, undefined, undefined])
  })
})
