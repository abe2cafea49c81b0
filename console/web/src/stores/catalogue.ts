import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { api, ask } from '@/api/client'
import type { Catalogue } from '@/api/types'

/** The server's words for codes, organisations, reasons and device families. */
export const useCatalogue = defineStore('catalogue', () => {
  const words = ref<Catalogue | null>(null)
  const kinds = computed(() => new Map((words.value?.alerts ?? []).map((kind) => [kind.code, kind])))
  const orgs = computed(() => words.value?.orgs ?? [])
  const families = computed(() => words.value?.profiles ?? [])

  const dialects = computed(() => words.value?.dialects ?? [])

  async function load(): Promise<void> {
    words.value = await ask(api.GET('/api/catalogue'))
  }

  return { words, kinds, orgs, families, dialects, load }
})
