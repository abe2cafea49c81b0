import { ref, shallowRef } from 'vue'

interface Page<T> {
  items: T[]
  next?: string | null
}

/** A list that grows page by page; a new question drops the answers to the old one. */
export function usePages<T>(fetch: (cursor: string | undefined) => Promise<Page<T>>) {
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const failed = ref('')
  let turn = 0

  async function load(restart: boolean): Promise<void> {
    const mine = (turn += 1)
    loading.value = true
    failed.value = ''
    try {
      const page = await fetch(restart ? undefined : (next.value ?? undefined))
      if (mine !== turn) return
      items.value = restart ? page.items : [...items.value, ...page.items]
      next.value = page.next ?? null
    } catch (problem) {
      if (mine === turn) failed.value = problem instanceof Error ? problem.message : String(problem)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  return { items, next, loading, failed, restart: () => load(true), more: () => load(false) }
}
