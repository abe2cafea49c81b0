/** Cuts a multipart/x-mixed-replace stream into its JPEG pictures, by the length each part states. */
const END = [13, 10, 13, 10] // the empty line after a part's headers
const MOST = 8_000_000 // bytes that may wait; a stream that states no lengths is no stream of ours

export function cutter(): (piece: Uint8Array) => Uint8Array<ArrayBuffer>[] {
  let held = new Uint8Array(0)

  function take(): Uint8Array<ArrayBuffer> | null {
    let end = -1
    for (let n = 0; n + END.length <= held.length && end < 0; n += 1) if (END.every((byte, k) => held[n + k] === byte)) end = n
    if (end < 0) return null
    const length = Number(/content-length:\s*(\d+)/i.exec(new TextDecoder('latin1').decode(held.subarray(0, end)))?.[1])
    const begin = end + END.length
    if (!(length <= MOST)) throw new Error('a part states no length')
    if (held.length < begin + length) return null
    const picture = held.slice(begin, begin + length)
    held = held.slice(begin + length)
    return picture
  }

  return (piece) => {
    const longer = new Uint8Array(held.length + piece.length)
    longer.set(held)
    longer.set(piece, held.length)
    held = longer
    if (held.length > MOST) throw new Error('too much without a picture')
    const pictures: Uint8Array<ArrayBuffer>[] = []
    for (let next = take(); next; next = take()) pictures.push(next)
    return pictures
  }
}
