import { onBeforeUnmount, watch, type Ref } from 'vue'

import { Problem } from '@/api/problem'
import { useHolds } from '@/stores/holds'
import { useSession } from '@/stores/session'

const AFTER_MS = 800 // whoever steps through the list opens nothing
const RENEW_MS = 20_000 // a third of how long a hold lasts (console/holds.py)

/** Tell the others which alert is open here, and learn what they have open. */
export function useHolding(selected: Ref<number | null>): void {
  const [holds, session] = [useHolds(), useSession()]
  let soon: ReturnType<typeof setTimeout> | undefined
  let held = false

  /** A hold only informs: one that could not be said is said again with the next renewal. */
  async function quietly(call: () => Promise<unknown>): Promise<void> {
    await call().catch((problem: unknown) => {
      if (!(problem instanceof Problem)) throw problem
    })
  }

  async function say(): Promise<void> {
    const id = selected.value
    if (id !== null && session.mayAct) {
      held = true
      await quietly(() => holds.open(id))
    } else if (held) letGo()
  }

  function letGo(): void {
    if (held) void quietly(holds.release)
    held = false
  }

  watch(
    selected,
    () => {
      clearTimeout(soon)
      soon = setTimeout(() => void say(), AFTER_MS)
    },
    { immediate: true },
  )
  const renewal = setInterval(() => void say().then(() => quietly(holds.refresh)), RENEW_MS)
  window.addEventListener('pagehide', letGo)
  onBeforeUnmount(() => {
    clearTimeout(soon)
    clearInterval(renewal)
    window.removeEventListener('pagehide', letGo)
    letGo()
  })
}
