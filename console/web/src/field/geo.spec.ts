import { describe, expect, it } from 'vitest'

import { amapLink, fromGcj, geoLink, shifted, toGcj } from './geo'

describe('coordinates', () => {
  // The published formula, worked out apart from this page; Guanghan, Tian'anmen, Shanghai.
  it.each([
    [30.98, 104.28, 30.977607, 104.28242],
    [39.90734, 116.39089, 39.908744, 116.397132],
    [31.2304, 121.4737, 31.228459, 121.478221],
  ])('shifts %f, %f for Chinese maps', (lat, lon, north, east) => {
    const moved = toGcj({ lat, lon })
    expect(moved.lat).toBeCloseTo(north, 5)
    expect(moved.lon).toBeCloseTo(east, 5)
  })

  it('finds the way back within a millimetre, all over the country', () => {
    for (let lat = 18; lat < 54; lat += 3)
      for (let lon = 74; lon < 135; lon += 5) {
        const back = fromGcj(toGcj({ lat, lon }))
        expect(Math.abs(back.lat - lat)).toBeLessThan(1e-8)
        expect(Math.abs(back.lon - lon)).toBeLessThan(1e-8)
      }
  })

  it('leaves the rest of the world where it is', () => {
    expect(toGcj({ lat: 48.85, lon: 2.35 })).toEqual({ lat: 48.85, lon: 2.35 })
    expect(shifted({ lat: 35.68, lon: 139.69 })).toBe(false)
  })

  it('gives a satellite position to geo: and a shifted one to 高德', () => {
    const point = { lat: 30.98, lon: 104.28 }
    expect(geoLink(point, '1 栋')).toBe('geo:30.980000,104.280000?q=30.980000,104.280000(1%20%E6%A0%8B)')
    expect(decodeURIComponent(amapLink(point, '1栋'))).toContain('to=104.28')
    expect(amapLink(point, '1栋')).toContain('coordinate=gaode')
    expect(amapLink(point, '1栋')).not.toContain('104.280000')
  })
})
