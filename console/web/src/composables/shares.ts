export type Region = [number, number, number, number]

/** Regions written in per cent, one a line, as shares of the picture; null where a line is none. */
export function regionsOf(text: string): Region[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const regions = lines.map((line) => line.trim().split(/[\s,，]+/).map(Number))
  const fits = regions.every((one) => one.length === 4 && one.every((n) => n >= 0 && n <= 100))
  return fits ? regions.map((one) => one.map((n) => n / 100) as Region) : null
}
