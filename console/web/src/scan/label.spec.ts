import { expect, it } from 'vitest'

import { readLabel } from './label'

it.each([
  ['shequ:claim:ABCD-EFGH-JKMN-PQRS', 'ABCD-EFGH-JKMN-PQRS'],
  [' abcd-efgh-jkmn-pqrs ', 'abcd-efgh-jkmn-pqrs'],
  ['ABCD EFGH JKMN 2345', 'ABCD EFGH JKMN 2345'],
])('knows a label of ours by its QR code and by its letters: %s', (text, code) => {
  expect(readLabel(text)).toEqual({ code })
})

it.each([
  ['51068101011316000001', { gb28181_id: '51068101011316000001' }],
  ['{"SN": "K12", "Model": "DS-2CD", "brand": "海康"}', { serial: 'K12', model: 'DS-2CD', make: '海康' }],
  ['https://maker.example/p?sn=K12&type=GS524N', { serial: 'K12', model: 'GS524N' }],
  ['S/N:K12;MODEL:GS524N;HW:3', { serial: 'K12', model: 'GS524N' }],
  ['型号:JTY-GD\n序列号:0098', { model: 'JTY-GD', serial: '0098' }],
  ['SN:K12;IMEI:860', { serial: 'K12' }],
  ['6923450657713', { serial: '6923450657713' }],
  ['[1, 2]', { serial: '[1, 2]' }],
  ['x'.repeat(300), { serial: 'x'.repeat(100) }],
])('takes the papers that a maker printed: %s', (text, papers) => {
  expect(readLabel(text)).toEqual({ papers })
})
