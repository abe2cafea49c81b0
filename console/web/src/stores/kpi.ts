import { defineStore } from 'pinia'
import { ref } from 'vue'

import { api, ask } from '@/api/client'
import type { Kpi } from '@/api/types'

export const useKpi = defineStore('kpi', () => {
  const figures = ref<Kpi | null>(null)

  async function refresh(): Promise<void> {
    figures.value = await ask(api.GET('/api/kpi'))
  }

  return { figures, refresh }
})
