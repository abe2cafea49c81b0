import { computed, onBeforeUnmount, shallowRef, watch } from 'vue'

import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { DeviceDetail } from '@/api/types'
import { usePlaces } from '@/stores/places'

import { useAsync } from './useAsync'

/** One device in full, fetched anew when the feed says that it changed. */
export function useDevice(id: () => string) {
  const { failure, run } = useAsync()
  const places = usePlaces()
  const device = shallowRef<DeviceDetail | null>(null)
  const missing = shallowRef(false)

  async function load(): Promise<void> {
    const wanted = id()
    if (device.value?.id !== wanted) device.value = null
    const answer = await run(async () => {
      try {
        return await ask(api.GET('/api/devices/{device_id}', { params: { path: { device_id: wanted } } }))
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 404) missing.value = true
        else throw problem
        return undefined
      }
    })
    if (answer?.id !== id()) return
    missing.value = false
    device.value = answer
    void places.ensure(answer.estate).catch(() => undefined)
  }

  watch(id, load, { immediate: true })
  // The feed brings the list's row of it: another version, another answer to a configuration or a command.
  const known = computed(() => places.devices.get(device.value?.estate ?? '')?.find((row) => row.id === id()) ?? null)
  const heard = computed(() => JSON.stringify(known.value))
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(heard, (_, before) => {
    // The first row of a list that came after the device is news only where the device changed between the two.
    if (before === 'null' && known.value?.lifecycle === device.value?.lifecycle) return
    clearTimeout(timer)
    timer = setTimeout(() => void load(), 300)
  })
  onBeforeUnmount(() => clearTimeout(timer))

  return { device, missing, failure, load }
}
