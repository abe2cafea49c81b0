import { SEVERITY_SHAPES } from '@/composables/severity'

import type { Ink } from './style'

const SIDE = 28
export const RATIO = 2

/** The severity's shape with its number, as the queue shows it. */
export function severityIcon(severity: number, ink: Ink): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIDE * RATIO
  const pen = canvas.getContext('2d')!
  pen.scale(RATIO, RATIO)
  const shape = new Path2D(SEVERITY_SHAPES[severity])
  pen.fillStyle = ink(`--sev-${severity}`)
  pen.strokeStyle = ink('--map-ground')
  pen.lineWidth = 1.5
  pen.fill(shape)
  pen.stroke(shape)
  pen.fillStyle = ink('--sev-ink')
  pen.font = `800 ${severity === 2 ? 14 : 17}px sans-serif`
  pen.textAlign = 'center'
  pen.fillText(String(severity), 14, severity === 2 ? 22 : 20)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
