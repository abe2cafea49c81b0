import { nextTick, watch, type Ref } from 'vue'
import { useRoute } from 'vue-router'

interface Pages {
  items: Ref<readonly { id: number }[]>
  next: Ref<string | null>
  more: () => Promise<void>
}
const MOST_PAGES = 10

/** The row that the address asks for (`?row=7`): brought into view once its page is loaded. Rows say `:data-row`. */
export function useNamedRow({ items, next, more }: Pages): { isNamed: (id: number) => boolean } {
  const route = useRoute()
  const wanted = Number(route.query['row'])
  let pages = 0
  const isNamed = (id: number): boolean => id === wanted

  const stop = watch(items, async (rows) => {
    if (!wanted) return
    if (!rows.some(({ id }) => id === wanted)) {
      if (next.value && (pages += 1) < MOST_PAGES) await more()
      return
    }
    await nextTick()
    stop()
    document.querySelector(`[data-row="${wanted}"]`)?.scrollIntoView({ block: 'center' })
  })
  return { isNamed }
}
