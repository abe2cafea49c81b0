import { onBeforeUnmount, shallowRef, watch } from 'vue'

import { api, ask, write } from '@/api/client'
import type { FloorPlan } from '@/api/types'

import { useAsync } from './useAsync'

interface About {
  device?: string
  place?: string
}

/** The plans around a place or a device, and changing them. */
export function useFloorPlans(about: () => About) {
  const { pending, failure, run, latest } = useAsync()
  const plans = shallowRef<FloorPlan[] | null>(null)

  async function load(): Promise<void> {
    const answer = await latest(() => ask(api.GET('/api/floor-plans', { params: { query: about() } })))
    if (answer) plans.value = answer.items
  }
  watch(() => JSON.stringify(about()), load, { immediate: true })

  async function put(place: string, file: File): Promise<boolean> {
    const done = await run(() => write((key) => api.PUT('/api/floor-plans/{place}', { params: { path: { place }, header: { 'Idempotency-Key': key } }, headers: { 'Content-Type': file.type }, body: file as unknown as string, bodySerializer: (body) => body })))
    if (done) await load()
    return done !== undefined
  }

  async function drop(place: string): Promise<void> {
    await run(() => ask(api.DELETE('/api/floor-plans/{place}', { params: { path: { place } } })))
    await load()
  }

  const take = (plan: FloorPlan | undefined): void => void (plan && (plans.value = plans.value!.map((one) => (one.place === plan.place ? plan : one))))

  async function pin(place: string, device: string, at: { x: number; y: number }): Promise<void> {
    take(await run(() => write((key) => api.PUT('/api/floor-plans/{place}/pins/{device}', { params: { path: { place, device }, header: { 'Idempotency-Key': key } }, body: at }))))
  }

  async function unpin(place: string, device: string): Promise<void> {
    take(await run(() => write((key) => api.DELETE('/api/floor-plans/{place}/pins/{device}', { params: { path: { place, device }, header: { 'Idempotency-Key': key } } }))))
  }

  return { plans, pending, failure, load, put, drop, pin, unpin }
}

/** A plan's picture. It needs the bearer token, which an <img> cannot send: hence the object URL. */
export function usePlanPicture(plan: () => FloorPlan) {
  const { failure, latest } = useAsync()
  const url = shallowRef<string | null>(null)
  function forget(): void {
    if (url.value) URL.revokeObjectURL(url.value)
    url.value = null
  }
  watch(
    () => `${plan().place} ${plan().sha256}`,
    async () => {
      forget()
      const blob = await latest(() => ask(api.GET('/api/floor-plans/{place}/picture', { params: { path: { place: plan().place } }, parseAs: 'blob' })))
      if (blob) url.value = URL.createObjectURL(blob as unknown as Blob)
    },
    { immediate: true },
  )
  onBeforeUnmount(forget)
  return { url, failure }
}
