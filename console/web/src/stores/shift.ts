import { defineStore } from 'pinia'
import { ref } from 'vue'

import type { Alert } from '@/api/types'
import { chimes } from '@/composables/ringing'
import { useTones } from '@/composables/useTones'

/** The operator's shift: sound on, and what is muted. Urgent alerts cannot be muted. */
export const useShift = defineStore('shift', () => {
  const tones = useTones()
  const on = ref(false)
  const muted = ref(false)

  async function start(): Promise<void> {
    on.value = await tones.unlock()
    if (on.value) tones.chime(3)
  }

  function end(): void {
    on.value = false
    muted.value = false
    tones.ring(false)
  }

  function ring(urgent: boolean): void {
    tones.ring(on.value && urgent)
  }

  function arrived(alert: Alert): void {
    if (on.value && chimes(alert, muted.value)) tones.chime(alert.severity)
  }

  return { on, muted, start, end, ring, arrived }
})
