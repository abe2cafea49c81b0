import { readonly, ref } from 'vue'

/** The server's time as this page knows it, one tick a second; a wrong PC clock must not falsify ages. */
const now = ref(Date.now())
let offset = 0
let started = false

function tick(): void {
  now.value = Date.now() + offset
}

export function useNow() {
  if (!started) {
    started = true
    setInterval(tick, 1000)
  }
  return readonly(now)
}

/** Learn the server's time from a message that was just sent; small differences are the network's. */
export function learnServerTime(at: string): void {
  const difference = Date.parse(at) - Date.now()
  if (Number.isNaN(difference)) return
  offset = Math.abs(difference) > 2000 ? difference : 0
  tick()
}
