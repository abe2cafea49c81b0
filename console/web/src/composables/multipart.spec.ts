import { expect, test } from 'vitest'

import { cutter } from './multipart'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
const text = (picture: Uint8Array): string => String.fromCharCode(...picture)
const part = (body: string): string => `--b\r\nContent-Type: image/jpeg\r\nContent-Length: ${body.length}\r\n\r\n${body}\r\n`

test('pictures come out whole, wherever the network cuts them', () => {
  const stream = bytes(part('one') + part('a\r\n\r\n--b inside') + part(''))
  for (let size = 1; size <= stream.length; size += 1) {
    const cut = cutter()
    const got: string[] = []
    for (let n = 0; n < stream.length; n += size) got.push(...cut(stream.slice(n, n + size)).map(text))
    expect(got).toEqual(['one', 'a\r\n\r\n--b inside', ''])
  }
})

test('a part without a length is refused', () => {
  expect(() => cutter()(bytes('--b\r\nContent-Type: image/jpeg\r\n\r\nxyz'))).toThrow('length')
})
