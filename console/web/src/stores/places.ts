import { defineStore } from 'pinia'
import { computed, shallowReactive } from 'vue'

import { allPages, api, ask } from '@/api/client'
import type { Device, Place } from '@/api/types'

/** The place tree, one estate at a time: a county is too much to fetch at once. */
export const usePlaces = defineStore('places', () => {
  const byCode = shallowReactive(new Map<string, Place>())
  const devices = shallowReactive(new Map<string, Device[]>())
  const asked = new Map<string, Promise<void>>()

  const estates = computed(() => [...byCode.values()].filter((place) => place.kind === 'estate'))

  /** Load an estate once; where the call fails, the next one tries again. */
  function ensure(estate: string): Promise<void> {
    const running = asked.get(estate)
    if (running) return running
    const call = load(estate).catch((problem: unknown) => {
      asked.delete(estate)
      throw problem
    })
    asked.set(estate, call)
    return call
  }

  async function load(estate: string): Promise<void> {
    const answer = await ask(api.GET('/api/places', { params: { query: { estate } } }))
    for (const place of answer.items) byCode.set(place.code, place)
    await loadDevices(estate)
  }

  /** Everything the caller may see: for choosing a place where no device has led to one yet. */
  async function loadAll(): Promise<void> {
    const answer = await ask(api.GET('/api/places'))
    for (const place of answer.items) byCode.set(place.code, place)
  }

  async function loadDevices(estate: string): Promise<void> {
    const items = await allPages((cursor) => ask(api.GET('/api/devices', { params: { query: { estate, cursor } } })))
    devices.set(estate, items)
  }

  function takeDevice(device: Device): void {
    const known = devices.get(device.estate)
    if (!known) return
    const there = known.some(({ id }) => id === device.id)
    devices.set(device.estate, there ? known.map((one) => (one.id === device.id ? device : one)) : [...known, device]) // a list that is shown does not jump
  }

  /** Everything of one estate. */
  function within(estate: string): Place[] {
    return [...byCode.values()].filter((place) => place.path.includes(estate))
  }

  /** From the estate's children down to the place itself. */
  function below(code: string): Place[] {
    const path = byCode.get(code)?.path ?? []
    const places = path.map((step) => byCode.get(step)).filter((place) => place !== undefined)
    const estate = places.findIndex((place) => place.kind === 'estate')
    return places.slice(estate + 1)
  }

  return { byCode, devices, estates, ensure, loadAll, loadDevices, takeDevice, within, below }
})
