import { ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { Problem } from '@/api/problem'

interface Page<T> {
  items: T[]
  next?: string | null
}

/** A list that grows page by page; a new question drops the answers to the old one. */
export function usePages<T>(fetch: (cursor: string | undefined) => Promise<Page<T>>) {
  const { t } = useI18n()
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
      if (mine === turn) failed.value = inWords(problem)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  function inWords(problem: unknown): string {
    if (problem instanceof Problem && problem.silent) return t('action.noAnswer')
    return problem instanceof Error ? problem.message : String(problem)
  }

  return { items, next, loading, failed, restart: () => load(true), more: () => load(false) }
}
