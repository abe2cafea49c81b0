import { onUnmounted, shallowRef, type ShallowRef } from 'vue'

import { api, ask } from '@/api/client'
import type { Reveal } from '@/api/types'

/** Reads what a reveal opens and holds it until the server's `until`; then it is masked again, whoever still looks. */
export function useRevealed(): { shown: ShallowRef<Record<string, string> | null>; open: (reveal: Reveal) => Promise<void> } {
  const shown = shallowRef<Record<string, string> | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function open({ reveal }: Reveal): Promise<void> {
    const told = await ask(api.GET('/api/reveals/{reveal_id}', { params: { path: { reveal_id: reveal } } }))
    clearTimeout(timer)
    shown.value = told.fields
    timer = setTimeout(() => (shown.value = null), Math.max(Date.parse(told.until) - Date.now(), 1000))
  }

  onUnmounted(() => clearTimeout(timer))
  return { shown, open }
}
