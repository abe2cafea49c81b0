import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** Which tab is open; it lives in the address, so that it survives a reload and can be passed on. */
export function useTab<T extends string>(tabs: () => readonly T[]): WritableComputedRef<T> {
  const [route, router] = [useRoute(), useRouter()]
  return computed({
    get: () => tabs().find((tab) => tab === route.query['tab']) ?? tabs()[0]!,
    set: (tab) => void router.replace({ query: { ...route.query, tab: tab === tabs()[0] ? undefined : tab } }),
  })
}
