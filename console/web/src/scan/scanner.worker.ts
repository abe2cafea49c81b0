/// <reference lib="webworker" />
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

/** Reads codes away from the page, whose policy forbids WebAssembly: this file is answered with a policy of its own. */
prepareZXingModule({ overrides: { locateFile: () => wasm } })

addEventListener('message', async ({ data }: MessageEvent<{ id: number; image: ImageData }>) => {
  try {
    const [code] = await readBarcodes(data.image, { tryHarder: true, maxNumberOfSymbols: 1 })
    postMessage({ id: data.id, text: code?.text ?? null })
  } catch (problem) {
    postMessage({ id: data.id, problem: String(problem) })
  }
})
