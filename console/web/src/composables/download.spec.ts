import { describe, expect, it } from 'vitest'

import { csv } from './download'

const read = (blob: Blob): Promise<string> =>
  new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.readAsText(blob)
  })

describe('csv', () => {
  it('quotes, and disarms what a spreadsheet would run', async () => {
    expect(await read(csv([['a"b', '=1+1'], ['东', '-2']]))).toBe('"a""b","\'=1+1"\r\n"东","\'-2"\r\n')
  })
})
