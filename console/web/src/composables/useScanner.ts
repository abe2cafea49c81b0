import { onBeforeUnmount, ref, shallowRef } from 'vue'

import type { Decoder } from '@/scan/decoder'

const EVERY_MS = 150

/** Whether this page may use a camera at all: a browser allows none on an address without TLS. */
export const cameraAtHand = (): boolean => navigator.mediaDevices !== undefined

/** Looks for a code in the camera's picture, or in one that is given; the decoder is loaded when it is first needed. */
export function useScanner(found: (text: string) => void) {
  const stream = shallowRef<MediaStream | null>(null)
  const looking = ref(false)
  const trouble = ref('') // what browser, camera or decoder said: a name where there is one
  let decoder: Promise<Decoder> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const open = (): Promise<Decoder> => (decoder ??= import('@/scan/decoder').then(({ openDecoder }) => openDecoder()))

  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    trouble.value = ''
    try {
      return await work()
    } catch (problem) {
      if (!(problem instanceof Error || problem instanceof DOMException)) throw problem
      console.error(problem)
      trouble.value = problem instanceof DOMException ? problem.name : problem.message
      stop()
      return undefined
    }
  }

  /** The code in a picture; null where there is none, undefined where it could not be read. */
  const read = (picture: Blob): Promise<string | null | undefined> => attempt(() => decode(picture))

  async function decode(source: ImageBitmapSource): Promise<string | null> {
    const frame = await createImageBitmap(source)
    try {
      return await (await open()).read(frame)
    } finally {
      frame.close()
    }
  }

  /** Begins with the camera; `video` shows what it sees. */
  const start = (video: HTMLVideoElement): Promise<void> => attempt(() => begin(video))

  async function begin(video: HTMLVideoElement): Promise<void> {
    stream.value = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } })
    video.srcObject = stream.value
    await video.play()
    looking.value = true
    await look(video)
  }

  async function look(video: HTMLVideoElement): Promise<void> {
    if (!looking.value) return
    const text = video.readyState >= video.HAVE_CURRENT_DATA ? await decode(video) : null
    if (!looking.value) return
    if (text) {
      stop()
      found(text)
    } else timer = setTimeout(() => void attempt(() => look(video)), EVERY_MS)
  }

  function stop(): void {
    looking.value = false
    clearTimeout(timer)
    for (const track of stream.value?.getTracks() ?? []) track.stop()
    stream.value = null
  }

  onBeforeUnmount(() => {
    stop()
    void decoder?.then((one) => one.close())
  })
  return { looking, trouble, start, stop, read }
}
