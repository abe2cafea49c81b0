import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'

import { api, ask } from '@/api/client'
import type { Alert, Device, MapBody } from '@/api/types'
import { drawnIn, NOTHING, spotOf, type Feature, type Features, type Position } from '@/map/features'

import { usePlaces } from './places'

/** Places, grids, resources and devices as they are drawn; fetched with the first map. */
export const useMap = defineStore('map', () => {
  const places = usePlaces()
  const body = shallowRef<MapBody | null>(null)
  const devices = shallowRef<Features>(NOTHING)
  let asked: Promise<void> | undefined

  const crs = computed(() => body.value?.background?.crs ?? 'wgs84')
  const drawn = (part: 'places' | 'grids' | 'resources') => computed(() => drawnIn(crs.value, (body.value?.[part] as Features | undefined) ?? NOTHING))
  const [shapes, grids, resources] = [drawn('places'), drawn('grids'), drawn('resources')]
  const shapeOf = computed(() => new Map(shapes.value.features.map((one) => [String(one.properties['code']), one])))
  const deviceOf = computed(() => new Map(devices.value.features.map((one) => [String(one.properties['id']), one])))

  function load(): Promise<void> {
    asked ??= fetchAll().catch((problem: unknown) => {
      asked = undefined
      throw problem
    })
    return asked
  }

  async function fetchAll(): Promise<void> {
    const [drawing, points] = await Promise.all([ask(api.GET('/api/map')), ask(api.GET('/api/map/devices'))])
    body.value = drawing
    devices.value = drawnIn(crs.value, points as Features)
  }

  /** A device that came or went shows at once. */
  function takeDevice(device: Device): void {
    const known = deviceOf.value.get(device.id)
    if (!known || known.properties['online'] === device.online) return
    const renew = (one: Feature): Feature => (one === known ? { ...one, properties: { ...one.properties, online: device.online } } : one)
    devices.value = { ...devices.value, features: devices.value.features.map(renew) }
  }

  const spot = (alert: Alert): Position | null => spotOf(alert, deviceOf.value, shapeOf.value, places.byCode)

  return { body, shapes, grids, resources, devices, load, takeDevice, spot }
})
