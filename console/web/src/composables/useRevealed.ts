import { onUnmounted, shallowRef, type ShallowRef } from 'vue'

/** Holds what was revealed until the server's `until`; then it is masked again, whoever still looks. */
export function useRevealed<T>(): { shown: ShallowRef<T | null>; reveal: (value: T, until: string) => void } {
  const shown = shallowRef<T | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  function reveal(value: T, until: string): void {
    clearTimeout(timer)
    shown.value = value
    timer = setTimeout(() => (shown.value = null), Math.max(Date.parse(until) - Date.now(), 1000))
  }

  onUnmounted(() => clearTimeout(timer))
  return { shown, reveal }
}
