/** Finds the first code in a picture; none: null. */
export interface Decoder {
  read: (frame: CanvasImageSource & { width: number; height: number }) => Promise<string | null>
  close: () => void
}

interface Detector {
  detect: (source: CanvasImageSource) => Promise<{ rawValue: string }[]>
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats: () => Promise<string[]>
}

const NEEDED = ['qr_code', 'code_128', 'ean_13', 'data_matrix']
const WIDEST = 1280 // of a frame: enough for a label that fills half of it

/** The browser's own detector where it knows the codes on labels, else ours in a worker (docs/adr/062-scanning.md). */
export async function openDecoder(): Promise<Decoder> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  const known = (await Native?.getSupportedFormats().catch(() => [])) ?? []
  return Native && NEEDED.every((format) => known.includes(format)) ? native(new Native({ formats: NEEDED })) : worker()
}

function native(detector: Detector): Decoder {
  return { read: async (frame) => (await detector.detect(frame))[0]?.rawValue ?? null, close: () => undefined }
}

interface Answer {
  id: number
  text?: string | null
  problem?: string
}

function worker(): Decoder {
  const scanner = new Worker(new URL('./scanner.worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, { resolve: (text: string | null) => void; reject: (problem: Error) => void }>()
  let last = 0
  scanner.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const asked = waiting.get(data.id)
    waiting.delete(data.id)
    if (data.problem === undefined) asked?.resolve(data.text ?? null)
    else asked?.reject(new Error(data.problem))
  })
  scanner.addEventListener('error', (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || 'the scanner could not be loaded'))
    waiting.clear()
  })
  return {
    read: (frame) =>
      new Promise((resolve, reject) => {
        const image = pixels(frame)
        waiting.set((last += 1), { resolve, reject })
        scanner.postMessage({ id: last, image }, [image.data.buffer])
      }),
    close: () => scanner.terminate(),
  }
}

function pixels(frame: CanvasImageSource & { width: number; height: number }): ImageData {
  const by = Math.min(1, WIDEST / Math.max(frame.width, frame.height))
  const canvas = new OffscreenCanvas(Math.round(frame.width * by), Math.round(frame.height * by))
  const pen = canvas.getContext('2d', { willReadFrequently: true })!
  pen.drawImage(frame, 0, 0, canvas.width, canvas.height)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
