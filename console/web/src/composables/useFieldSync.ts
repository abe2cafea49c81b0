import { onBeforeUnmount, onMounted } from 'vue'

import { useField } from '@/stores/field'

const EVERY_MS = 15_000

/** Keep the page in touch with the centre: now, whenever the network comes back, and every few seconds. */
export function useFieldSync() {
  const field = useField()
  let timer: ReturnType<typeof setInterval> | undefined
  const sync = () => void field.sync()
  const lost = () => (field.reachable = false)
  const shown = () => document.visibilityState === 'visible' && sync()

  onMounted(async () => {
    await field.recallAll()
    sync()
    timer = setInterval(sync, EVERY_MS)
    window.addEventListener('online', sync)
    window.addEventListener('offline', lost)
    document.addEventListener('visibilitychange', shown)
    if (import.meta.env.PROD && 'serviceWorker' in navigator) await navigator.serviceWorker.register('/sw.js', { scope: '/field' })
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    window.removeEventListener('online', sync)
    window.removeEventListener('offline', lost)
    document.removeEventListener('visibilitychange', shown)
  })
  return field
}
