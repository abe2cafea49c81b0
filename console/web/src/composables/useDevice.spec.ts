import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { createApp, defineComponent, h, nextTick } from 'vue'

import { api } from '@/api/client'
import type { Device } from '@/api/types'
import { i18n } from '@/i18n'
import { usePlaces } from '@/stores/places'

import { useDevice } from './useDevice'

/** A page of a device that is provisioned; then the list of its estate comes, with its row as given. */
async function calls(lifecycle: string): Promise<number> {
  vi.useFakeTimers()
  const pinia = createPinia()
  setActivePinia(pinia)
  const places = usePlaces()
  vi.spyOn(places, 'ensure').mockResolvedValue(undefined as never)
  const get = vi.spyOn(api, 'GET').mockResolvedValue({ data: { id: 'd', estate: 'e', lifecycle: 'provisioned' }, response: new Response(null) } as never)
  const app = createApp(
    defineComponent(() => {
      useDevice(() => 'd')
      return () => h('p')
    }),
  )
  app.use(pinia).use(i18n).mount(document.createElement('div'))
  await vi.advanceTimersByTimeAsync(10)
  places.devices.set('e', [{ id: 'd', estate: 'e', lifecycle } as unknown as Device])
  await nextTick()
  await vi.advanceTimersByTimeAsync(1000)
  app.unmount()
  return get.mock.calls.length
}

it('asks again where the list, which came later, knows a device that has spoken meanwhile', async () => {
  expect(await calls('active')).toBe(2)
})

it('asks once where the list says the same', async () => {
  expect(await calls('provisioned')).toBe(1)
})
