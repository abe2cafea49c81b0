import { describe, expect, it } from 'vitest'

import { SseParser } from './sse'

const STREAM = 'id: 7\nevent: alert\ndata: {"seq":7}\n\n: a comment\nevent: heartbeat\ndata: a\ndata: b\n\n'

describe('SseParser', () => {
  it('reads id, event and data, and joins lines of data', () => {
    expect(new SseParser().push(STREAM)).toEqual([
      { id: '7', event: 'alert', data: '{"seq":7}' },
      { id: '7', event: 'heartbeat', data: 'a\nb' },
    ])
  })

  it('does not care where the stream was cut', () => {
    for (const text of [STREAM, STREAM.replaceAll('\n', '\r\n')]) {
      const whole = new SseParser().push(text)
      for (let cut = 0; cut <= text.length; cut += 1) {
        const parser = new SseParser()
        expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(whole)
      }
    }
  })

  it('gives no message for an event without data, and none before the blank line', () => {
    const parser = new SseParser()
    expect(parser.push('event: alert\n\ndata: x\n')).toEqual([])
    expect(parser.push('\n')).toEqual([{ id: '', event: 'message', data: 'x' }])
  })
})
