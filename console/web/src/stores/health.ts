import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'

import { allPages, api, ask } from '@/api/client'
import type { Cause, HealthRow } from '@/api/types'

/** How devices are, fetched estate by estate where somebody looks. */
export const useHealth = defineStore('health', () => {
  const byId = shallowReactive(new Map<string, HealthRow>())
  const causes = shallowRef<Cause[]>([])
  const perEstate = new Map<string, Cause[]>()
  const running = new Set<string>()

  async function load(estate: string): Promise<void> {
    if (running.has(estate)) return
    running.add(estate)
    try {
      const rows = await allPages(async (cursor) => {
        const page = await ask(api.GET('/api/devices/health', { params: { query: { estate, status: 'all', limit: 200, cursor } } }))
        if (page.causes) perEstate.set(estate, page.causes)
        return page
      })
      for (const row of rows) byId.set(row.id, row)
      causes.value = [...perEstate.values()].flat()
    } finally {
      running.delete(estate)
    }
  }

  return { byId, causes, load }
})
