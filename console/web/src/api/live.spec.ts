import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { followLive, type FeedMessage } from './live'
import { Problem } from './problem'

const frame = (event: string, seq: number): string => `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify({ seq, body: {} })}\n\n`

/** A stream that says `texts` and then ends, or stays silent for ever. */
function stream(texts: string[], end: boolean): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(new TextEncoder().encode(text))
      if (end) controller.close()
    },
  })
}

/** Follow a script of connections; stops when it is played out. */
async function play(script: (() => ReadableStream<Uint8Array>)[], onMessage?: (message: FeedMessage) => void) {
  const stop = new AbortController()
  const asked: (number | null)[] = []
  const heard: string[] = []
  const waits: number[] = []
  let lost = 0
  const followed = followLive(
    {
      open: (cursor) => {
        const next = script[asked.length]
        asked.push(cursor)
        if (!next) {
          stop.abort()
          return Promise.reject(new Problem(0, 'end of the script', ''))
        }
        return Promise.resolve().then(next)
      },
      onMessage: (message) => {
        onMessage?.(message)
        heard.push(`${message.kind} ${message.seq}`)
      },
      onOpen: () => undefined,
      onLost: () => (lost += 1),
      sleep: (ms) => {
        waits.push(ms)
        return Promise.resolve()
      },
    },
    stop.signal,
  )
  return { followed, asked, heard, waits, lost: () => lost }
}

describe('followLive', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('starts from now and resumes after the last number it took', async () => {
    const { followed, asked, heard } = await play([
      () => stream([frame('hello', 40), frame('alert', 41)], true),
      () => stream([frame('alert', 42), frame('heartbeat', 42)], true),
    ])
    await followed
    expect(asked).toEqual([null, 41, 42])
    expect(heard).toEqual(['hello 40', 'alert 41', 'alert 42', 'heartbeat 42'])
  })

  it('follows a resync to its number', async () => {
    const { followed, asked } = await play([() => stream([frame('resync', 900)], true)])
    await followed
    expect(asked).toEqual([null, 900])
  })

  it('does not skip a message that the page failed to take', async () => {
    let failures = 1
    const { followed, asked, heard } = await play(
      [() => stream([frame('alert', 5), frame('alert', 6)], true), () => stream([frame('alert', 6)], true)],
      (message) => {
        if (message.seq === 6 && failures-- > 0) throw new Error('broken')
      },
    )
    await followed
    expect(asked).toEqual([null, 5, 6])
    expect(heard).toEqual(['alert 5', 'alert 6'])
  })

  it('gives up a connection that has been silent for 12 s', async () => {
    const { followed, asked, lost } = await play([() => stream([frame('alert', 3)], false)])
    await vi.advanceTimersByTimeAsync(11_000)
    expect(asked).toEqual([null])
    await vi.advanceTimersByTimeAsync(1_500)
    await followed
    expect(asked).toEqual([null, 3])
    expect(lost()).toBe(1)
  })

  it('waits longer with every failure, never longer than 5 s, and starts anew once it hears something', async () => {
    const refuse = () => {
      throw new Problem(503, 'not now', '')
    }
    const { followed, waits } = await play([...Array<() => never>(8).fill(refuse), () => stream([frame('heartbeat', 1)], true)])
    await followed
    expect(waits[0]).toBeLessThanOrEqual(500)
    expect(Math.max(...waits)).toBeLessThanOrEqual(5_000)
    expect(waits[7]).toBeGreaterThanOrEqual(2_500)
    expect(waits[8]).toBeLessThanOrEqual(500)
  })

  it('ends where the session has ended', async () => {
    const { followed } = await play([
      () => {
        throw new Problem(401, 'Unauthorized', '')
      },
    ])
    await expect(followed).rejects.toMatchObject({ status: 401 })
  })

  it('survives a message that is not JSON', async () => {
    const { followed, heard } = await play([() => stream(['event: alert\ndata: {oops\n\n', frame('alert', 2)], true)])
    await followed
    expect(heard).toEqual(['alert 2'])
  })
})
