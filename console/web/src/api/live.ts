/** The live feed: one reader that resumes from the last number it saw and knows when it has gone stale. */
import { Problem } from './problem'
import { SseParser, type Message } from './sse'

export type FeedKind = 'alert' | 'incident' | 'device' | 'platform' | 'hold' | 'heartbeat' | 'hello' | 'resync'

export interface FeedMessage {
  kind: FeedKind
  seq: number | null
  at: string | null
  ref: string | null
  estate: string | null
  body: unknown
}

export interface LiveOptions {
  /** Open the stream after `cursor` (null: from now on). */
  open: (cursor: number | null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>
  onMessage: (message: FeedMessage) => void
  onOpen: () => void
  onLost: () => void
  /** No message for so long ends the connection, and a new one is tried. */
  silenceMs?: number
  /** Waits between tries. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

const SILENCE_MS = 12_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 5_000

export function readMessage(message: Message): FeedMessage | null {
  let data: Record<string, unknown>
  try {
    data = JSON.parse(message.data) as Record<string, unknown>
  } catch {
    return null // a message we cannot read must not end the watch
  }
  const seq = Number(data['seq'] ?? (message.id || NaN))
  const text = (key: string) => (typeof data[key] === 'string' ? data[key] : null)
  return {
    kind: message.event as FeedKind,
    seq: Number.isFinite(seq) ? seq : null,
    at: text('at'),
    ref: text('ref'),
    estate: text('estate'),
    body: data['body'],
  }
}

/** Read until `signal` aborts, whatever the network does; rejects only where trying again is in vain. */
export async function followLive(options: LiveOptions, signal: AbortSignal): Promise<void> {
  const sleep = options.sleep ?? wait
  let cursor: number | null = null
  let failures = 0
  const take = (message: FeedMessage) => {
    failures = 0
    options.onMessage(message)
    // After the message was taken, never before: a resume must not skip what was not shown.
    if (message.seq !== null) cursor = message.seq
  }
  while (!signal.aborted) {
    try {
      await readOnce(options, cursor, take, signal)
    } catch (cause) {
      if (cause instanceof Problem && (cause.status === 401 || cause.status === 403)) throw cause
    }
    if (signal.aborted) return
    options.onLost()
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures)
    failures += 1
    await sleep(longest * (0.5 + Math.random() / 2), signal)
  }
}

async function readOnce(
  options: LiveOptions,
  cursor: number | null,
  take: (message: FeedMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const attempt = new AbortController()
  const give = () => attempt.abort()
  signal.addEventListener('abort', give, { once: true })
  const silence = options.silenceMs ?? SILENCE_MS
  let watchdog = setTimeout(give, silence)
  try {
    const stream = await options.open(cursor, attempt.signal)
    options.onOpen()
    const reader = stream.getReader()
    attempt.signal.addEventListener('abort', () => void reader.cancel().catch(() => undefined), { once: true })
    const decoder = new TextDecoder()
    const parser = new SseParser()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      for (const raw of parser.push(decoder.decode(value, { stream: true }))) {
        const message = readMessage(raw)
        if (!message) continue
        clearTimeout(watchdog)
        watchdog = setTimeout(give, silence)
        take(message)
      }
    }
  } finally {
    clearTimeout(watchdog)
    signal.removeEventListener('abort', give)
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
