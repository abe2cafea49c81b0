/** Whether this browser can draw the map at all; a desk without WebGL keeps the sketch. */
export function hasWebGl(): boolean {
  try {
    return document.createElement('canvas').getContext('webgl2') !== null
  } catch {
    return false
  }
}
