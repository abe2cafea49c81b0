import { onBeforeUnmount, shallowRef } from 'vue'

import { api, ask } from '@/api/client'

import { cutter } from './multipart'
import { useAsync } from './useAsync'

const SILENCE_MS = 15_000 // no picture for so long: the camera, its node or the network is away

/** A camera's live pictures, one object URL after the other; an <img> cannot send the bearer token itself. */
export function useLive() {
  const { pending, failure, run } = useAsync()
  const picture = shallowRef<string | null>(null)
  const watching = shallowRef(false)
  const ended = shallowRef(false)
  let leaving = new AbortController()

  function show(jpeg: Uint8Array<ArrayBuffer>): void {
    if (picture.value) URL.revokeObjectURL(picture.value)
    picture.value = URL.createObjectURL(new Blob([jpeg], { type: 'image/jpeg' }))
  }

  function stop(): void {
    leaving.abort()
    if (picture.value) URL.revokeObjectURL(picture.value)
    picture.value = null
    watching.value = false
  }
  onBeforeUnmount(stop)

  async function follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    const reader = stream.getReader()
    const cut = cutter()
    const giveUp = () => void reader.cancel().catch(() => undefined)
    let watchdog = setTimeout(giveUp, SILENCE_MS)
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        const newest = cut(value).at(-1)
        if (!newest) continue
        clearTimeout(watchdog)
        watchdog = setTimeout(giveUp, SILENCE_MS)
        show(newest)
      }
    } finally {
      clearTimeout(watchdog)
    }
  }

  async function start(device: string, reason: string): Promise<void> {
    stop()
    leaving = new AbortController()
    const { signal } = leaving
    ended.value = false
    const stream = await run(() => ask(api.GET('/api/cameras/{device_id}/live', { params: { path: { device_id: device }, query: { reason } }, parseAs: 'stream', signal })))
    if (!stream) return
    watching.value = true
    // However it ends, the last picture must not pass for a live one.
    await follow(stream as unknown as ReadableStream<Uint8Array>).catch(() => undefined)
    if (signal.aborted) return
    stop()
    ended.value = true
  }

  return { pending, failure, picture, watching, ended, start, stop }
}
