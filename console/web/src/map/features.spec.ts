import { describe, expect, it } from 'vitest'

import type { Alert, Place } from '@/api/types'
import { toGcj } from '@/field/geo'

import { alertFeatures, boundsOf, drawnIn, labelsOf, spotOf, type Feature, type Features } from './features'

const square: Feature = { type: 'Feature', geometry: { type: 'Polygon', coordinates: [[[104, 30], [104.02, 30], [104.02, 30.01], [104, 30.01], [104, 30]]] }, properties: { code: 'b1' } }
const dot: Feature = { type: 'Feature', geometry: { type: 'Point', coordinates: [104.3, 30.3] }, properties: { id: 'd1' } }
const all: Features = { type: 'FeatureCollection', features: [square, dot] }
const places = new Map([['r1', { code: 'r1', path: ['e1', 'b1', 'u1', 'r1'] } as Place]])
const alert = (more: Partial<Alert>): Alert => ({ id: 7, severity: 2, code: 'FIRE-001', estate: 'e1', place: 'r1', device: null, ...more }) as Alert

describe('what the map draws', () => {
  it('is left alone on a background of satellites, and every corner is shifted on a Chinese one', () => {
    expect(drawnIn('wgs84', all)).toBe(all)
    const shifted = drawnIn('gcj02', all)
    const { lat, lon } = toGcj({ lat: 30, lon: 104.02 })
    expect((shifted.features[0]!.geometry.coordinates as number[][][])[0]![1]).toEqual([lon, lat])
    expect(shifted.features[1]!.geometry.coordinates).not.toEqual([104.3, 30.3])
    expect(dot.geometry.coordinates).toEqual([104.3, 30.3])
  })

  it('has bounds around everything, and none around nothing', () => {
    expect(boundsOf(all.features)).toEqual([104, 30, 104.3, 30.3])
    expect(boundsOf([])).toBeNull()
  })

  it('says each name once, above what it names', () => {
    const [label] = labelsOf({ type: 'FeatureCollection', features: [{ ...square, properties: { kind: 'building', name_zh: '1栋', name_en: 'Building 1' } }] }, 'name_zh').features
    expect(label!.properties).toEqual({ label: '1栋', kind: 'building' })
    const [lon, lat] = label!.geometry.coordinates as number[]
    expect(lon).toBeCloseTo(104.01)
    expect(lat).toBe(30.01)
  })

  it('puts an alert at its device, else into the smallest drawn place around it, else nowhere', () => {
    const [devices, drawn] = [new Map([['d1', dot]]), new Map([['b1', square]])]
    expect(spotOf(alert({ device: 'd1' }), devices, drawn, places)).toEqual([104.3, 30.3])
    const [lon, lat] = spotOf(alert({ device: 'gone' }), devices, drawn, places)!
    expect(lon).toBeCloseTo(104.01)
    expect(lat).toBeCloseTo(30.005)
    expect(spotOf(alert({}), devices, new Map(), places)).toBeNull()
  })

  it('weighs the worst alert most, and leaves out what has no place', () => {
    const features = alertFeatures([alert({ severity: 1 }), alert({ id: 8, severity: 4 }), alert({ id: 9, estate: 'e9' })], (one) => (one.estate === 'e9' ? null : [1, 2])).features
    expect(features.map((one) => [one.properties['id'], one.properties['weight']])).toEqual([[7, 4], [8, 1]])
  })
})
