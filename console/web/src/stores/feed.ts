import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { learnServerTime, useNow } from '@/composables/useNow'

const STALE_AFTER_MS = 12_000

/** How fresh this page is. */
export const useFeed = defineStore('feed', () => {
  const connection = ref<'connecting' | 'live' | 'lost'>('connecting')
  const heardAt = ref(Date.now())
  const now = useNow()

  /** Local time on both sides: how long nothing was heard has nothing to do with the server's clock. */
  const silentMs = computed(() => (now.value > 0 ? Math.max(0, Date.now() - heardAt.value) : 0))
  const stale = computed(() => silentMs.value >= STALE_AFTER_MS)

  function heard(at: string | null): void {
    heardAt.value = Date.now()
    connection.value = 'live'
    if (at) learnServerTime(at)
  }

  return { connection, heardAt, silentMs, stale, heard }
})
