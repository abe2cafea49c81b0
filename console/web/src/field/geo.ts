/** Two worlds of coordinates: satellites speak WGS 84, maps sold in China speak GCJ-02, some hundred metres away. */
export interface Point {
  lat: number
  lon: number
}

const AXIS = 6_378_245 // Krasovsky 1940, which GCJ-02 is built on
const ECCENTRICITY = 0.006_693_421_622_965_943

/** The plain rectangle around China within which maps are shifted. */
export function shifted({ lat, lon }: Point): boolean {
  return lon > 72.004 && lon < 137.8347 && lat > 0.8293 && lat < 55.8271
}

export function toGcj(point: Point): Point {
  if (!shifted(point)) return point
  const [x, y] = [point.lon - 105, point.lat - 35]
  const angle = (point.lat * Math.PI) / 180
  const shape = 1 - ECCENTRICITY * Math.sin(angle) ** 2
  const north = (bend(x, y, [-100, 2, 3, 0.2, 0.1, 0.2]) + waves(x, 6, 2) + waves(y, 1, 1 / 3) + slow(y, [160, 12], [320, 30])) * 180
  const east = (bend(x, y, [300, 1, 2, 0.1, 0.1, 0.1], true) + waves(x, 6, 2) + waves(x, 1, 1 / 3) + slow(x, [150, 12], [300, 30])) * 180
  return {
    lat: point.lat + north / (((AXIS * (1 - ECCENTRICITY)) / (shape * Math.sqrt(shape))) * Math.PI),
    lon: point.lon + east / ((AXIS / Math.sqrt(shape)) * Math.cos(angle) * Math.PI),
  }
}

/** Back again: the shift is smooth, so walking it backwards a few times ends within a millimetre. */
export function fromGcj(point: Point): Point {
  let guess = point
  for (let round = 0; round < 6; round += 1) {
    const moved = toGcj(guess)
    guess = { lat: guess.lat + point.lat - moved.lat, lon: guess.lon + point.lon - moved.lon }
  }
  return guess
}

function bend(x: number, y: number, [c, a, b, square, mixed, root]: [number, number, number, number, number, number], alongX = false): number {
  const straight = alongX ? x : y
  return c + a * x + b * y + square * straight * straight + mixed * x * y + root * Math.sqrt(Math.abs(x))
}

function waves(v: number, fast: number, half: number): number {
  const small = half === 2 ? 20 * Math.sin(fast * v * Math.PI) + 20 * Math.sin(2 * v * Math.PI) : 20 * Math.sin(v * Math.PI) + 40 * Math.sin(v * half * Math.PI)
  return (small * 2) / 3
}

function slow(v: number, [a, p]: [number, number], [b, q]: [number, number]): number {
  return ((a * Math.sin((v / p) * Math.PI) + b * Math.sin((v / q) * Math.PI)) * 2) / 3
}

const figure = (n: number): string => n.toFixed(6)

/** RFC 5870: WGS 84, whatever map the phone opens with it. */
export function geoLink({ lat, lon }: Point, name: string): string {
  const at = `${figure(lat)},${figure(lon)}`
  return `geo:${at}?q=${at}(${encodeURIComponent(name)})`
}

/** 高德: opens the app where it is installed; it wants its own coordinates. */
export function amapLink(point: Point, name: string): string {
  const { lat, lon } = toGcj(point)
  const query = new URLSearchParams({ to: `${figure(lon)},${figure(lat)},${name}`, mode: 'walk', coordinate: 'gaode', src: 'shequ', callnative: '1' })
  return `https://uri.amap.com/navigation?${query}`
}
