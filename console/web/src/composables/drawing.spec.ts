import { expect, test } from 'vitest'

import { arrow, area, fault, freeName, fromConfig, nearest, shape, toConfig, type Point } from './drawing'

const SQUARE: Point[] = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
const CONFIG = {
  sensitivity: 0.4,
  zones: [{ name: 'lane', points: SQUARE, watch: ['blocking'], loiter_after: 60, left_after: 30, crowd: 8 }],
  lines: [{ name: 'door', a: [0.2, 0.2], b: [0.2, 0.8], direction: 'in' }],
  masks: [SQUARE],
  ignore: [],
}

test('what is read is written again, and what is not drawn stays', () => {
  expect(toConfig(CONFIG, fromConfig(CONFIG))).toEqual(CONFIG)
  expect(fromConfig(null)).toEqual([])
  expect(toConfig({ armed: ['22:00-06:00'] }, [])).toEqual({ armed: ['22:00-06:00'], zones: [], lines: [], masks: [], ignore: [] })
})

test('points outside the picture are brought to its edge', () => {
  const [zone] = toConfig(null, [shape('zone', 'z', [[-0.2, 0], [1.5, 0.33333333], [0.5, 2]])])['zones'] as { points: Point[] }[]
  expect(zone!.points).toEqual([[0, 0], [1, 0.3333], [0.5, 1]])
})

test('a fault is named', () => {
  const zone = shape('zone', 'a', SQUARE)
  expect(fault([zone])).toBeNull()
  expect(fault([zone, shape('line', 'a', [[0, 0], [1, 1]])])).toEqual({ key: 'twice', name: 'a' })
  expect(fault([shape('zone', '消防', SQUARE)])?.key).toBe('badName')
  expect(fault([shape('zone', 'b', [[0, 0], [0.5, 0.5], [1, 1]])])?.key).toBe('thin')
  expect(fault([shape('line', 'b', [[0.5, 0.5], [0.5, 0.5]])])?.key).toBe('thin')
  expect(area(SQUARE)).toBeCloseTo(0.64)
})

test('names are free, points are found', () => {
  const shapes = [shape('zone', 'zone-1', SQUARE), shape('zone', 'zone-3', SQUARE)]
  expect(freeName('zone', shapes)).toBe('zone-2')
  expect(nearest(shapes, [0.88, 0.11], 0.05)).toEqual({ shape: 1, point: 1 })
  expect(nearest(shapes, [0.5, 0.5], 0.05)).toBeNull()
})

test('the arrow points to the right hand of who looks from a to b', () => {
  const { from, to } = arrow([[0.2, 0.5], [0.8, 0.5]], 0.5) // to the right: its right hand is below
  expect(from).toEqual([0.5, 0.25])
  expect(to[1]).toBeGreaterThan(from[1])
  expect(to[0]).toBeCloseTo(from[0])
})
