import { computed, shallowRef } from 'vue'

import type { Alert } from '@/api/types'
import { useAlerts } from '@/stores/alerts'

import type { Card } from './groups'

/** What a choice comes to: those that can be acknowledged, the gravest apart, and those that no longer need it. */
export interface Chosen {
  all: readonly Alert[]
  grave: readonly Alert[]
  others: readonly Alert[]
  past: number
}

const idsOf = (card: Card): number[] => [card.alert.id, ...card.others.map((other) => other.id)]

/** The rows an operator has chosen; a row stands for everything in its group. */
export function useSelection(cards: () => readonly Card[]) {
  const alerts = useAlerts()
  const ids = shallowRef<ReadonlySet<number>>(new Set())
  let from: number | null = null // the row a range begins at

  const has = (card: Card): boolean => ids.value.has(card.alert.id)

  function set(chosen: readonly Card[], on: boolean): void {
    const next = new Set(ids.value)
    for (const id of chosen.flatMap(idsOf)) if (on) next.add(id); else next.delete(id)
    ids.value = next
  }

  /** Choose or unchoose a row; `range`: and all between it and the one before. */
  function toggle(card: Card, range = false): void {
    const list = cards()
    const [here, there] = [list.indexOf(card), list.findIndex((one) => one.alert.id === from)]
    if (range && there >= 0) set(list.slice(Math.min(here, there), Math.max(here, there) + 1), true)
    else set([card], !has(card))
    from = card.alert.id
  }

  function clear(): void {
    ids.value = new Set()
    from = null
  }

  const chosen = computed<Chosen>(() => {
    const known = [...ids.value].map((id) => alerts.byId.get(id)).filter((alert) => alert !== undefined)
    const all = known.filter((alert) => alert.legal.includes('acknowledge')).sort((a, b) => a.severity - b.severity)
    return { all, grave: all.filter((alert) => alert.severity === 1), others: all.filter((alert) => alert.severity !== 1), past: known.length - all.length }
  })

  return { ids, has, toggle, clear, chosen }
}

export type Selection = ReturnType<typeof useSelection>
