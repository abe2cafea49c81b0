const EDGE = 1920 // enough to read a door plate, and a tenth of what a phone's camera makes
const TYPES = ['image/jpeg', 'image/png', 'image/webp']

/** Make a photo small before it waits for a bad network; what the browser cannot shrink goes as it is. */
export async function shrink(file: Blob): Promise<Blob> {
  try {
    const image = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const scale = Math.min(1, EDGE / Math.max(image.width, image.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.round(image.width * scale)
    canvas.height = Math.round(image.height * scale)
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    image.close()
    const small = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
    return small ?? file
  } catch {
    return TYPES.includes(file.type) ? file : new Blob([file], { type: 'image/jpeg' })
  }
}
