import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { api, ask } from '@/api/client'
import type { Grid, Organisation } from '@/api/types'

/** The words for people and things, and what stands beside the place tree. */
export const useStaff = defineStore('staff', () => {
  const { locale } = useI18n()
  const organisation = shallowRef<Organisation | null>(null)
  const grids = shallowRef<Grid[]>([])
  let asked: Promise<void> | null = null

  const table = computed(() => {
    const of = organisation.value
    return new Map([...(of?.roles ?? []), ...(of?.skills ?? []), ...(of?.resource_kinds ?? [])].map((word) => [word.code, word]))
  })

  /** Load once; where the call fails, the next one tries again. */
  function ensure(): Promise<void> {
    asked ??= load().catch((problem: unknown) => {
      asked = null
      throw problem
    })
    return asked
  }

  async function load(): Promise<void> {
    organisation.value = await ask(api.GET('/api/organisation'))
  }

  async function loadGrids(): Promise<void> {
    grids.value = (await ask(api.GET('/api/grids'))).items
  }

  /** A role, skill or kind in the reader's language. */
  function called(code: string): string {
    const word = table.value.get(code)
    return (locale.value === 'zh' ? word?.name_zh : word?.name_en) ?? code
  }

  return { organisation, grids, ensure, load, loadGrids, called }
})
