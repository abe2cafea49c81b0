import { onBeforeUnmount } from 'vue'

/** Looks again and again, so long after the last look has ended, until the page is left or `look` answers that there is nothing more to see. The answer looks at once. */
export function useRounds(look: () => Promise<boolean>, everyMs: number): () => Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  async function round(): Promise<void> {
    clearTimeout(timer)
    const more = await look()
    clearTimeout(timer)
    if (more && !gone) timer = setTimeout(() => void round(), everyMs)
  }

  onBeforeUnmount(() => {
    gone = true
    clearTimeout(timer)
  })
  return round
}
