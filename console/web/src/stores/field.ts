import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { api, ask, newKey } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Catalogue, FieldAction, FieldOrder, OrderMove } from '@/api/types'
import { flush } from '@/field/flush'
import type { Notice, Waiting } from '@/field/moves'
import { dropNotice, enqueue, notices as allNotices, recall, remember, remove, waitingItems } from '@/field/queue'

import { useCatalogue } from './catalogue'
import { useSession } from './session'

export interface Move {
  action: FieldAction
  text?: string
  hours?: number
  position?: OrderMove['position']
  photos?: Blob[]
}

/** The orders of whoever holds this phone, and what is not yet sent. */
export const useField = defineStore('field', () => {
  const session = useSession()
  const catalogue = useCatalogue()
  const orders = ref<FieldOrder[]>([])
  const waiting = ref<Waiting[]>([])
  const notices = ref<Notice[]>([])
  const reachable = ref(navigator.onLine)
  const heardAt = ref<string | null>(null)
  let running: Promise<void> | null = null

  const user = computed(() => session.me?.name ?? '')
  const mine = computed(() => waiting.value.filter((item) => item.user === user.value))
  const others = computed(() => waiting.value.length - mine.value.length)
  /** Moves count, not the photos that travel with them. */
  const unsent = computed(() => mine.value.filter(({ action }) => action).length)

  const of = (order: number): Waiting[] => mine.value.filter((item) => item.order === order)

  async function recallAll(): Promise<void> {
    waiting.value = await waitingItems()
    notices.value = (await allNotices()).filter((one) => one.user === user.value)
    orders.value = (await recall<FieldOrder[]>(`orders ${user.value}`)) ?? []
    heardAt.value = (await recall<string>(`heard ${user.value}`)) ?? null
    catalogue.words ??= (await recall<Catalogue>('catalogue')) ?? null
  }

  async function act(order: FieldOrder, move: Move): Promise<void> {
    const at = new Date().toISOString()
    const about = { user: user.value, order: order.id, incident: order.incident_id, at, position: move.position }
    const photos = (move.photos ?? []).map((photo): Waiting => ({ ...about, key: newKey(), photo }))
    const step: Waiting = { ...about, key: newKey(), action: move.action, text: move.text, hours: move.hours, photos: photos.map(({ key }) => key) }
    await enqueue([...photos, step])
    waiting.value = await waitingItems()
    void sync()
  }

  /** Send what waits, then hear what is new; one at a time. */
  function sync(): Promise<void> {
    running ??= exchange().finally(() => (running = null))
    return running
  }

  async function exchange(): Promise<void> {
    if (!session.me || !session.signedIn) return
    try {
      await flush(user.value)
      const answer = await ask(api.GET('/api/orders/mine', { params: { query: { limit: 100 } } }))
      orders.value = answer.items
      heardAt.value = new Date().toISOString()
      reachable.value = true
      await remember(`orders ${user.value}`, answer.items)
      await remember(`heard ${user.value}`, heardAt.value)
      if (!catalogue.words) await catalogue.load()
      await remember('catalogue', catalogue.words)
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      reachable.value = false
    } finally {
      waiting.value = await waitingItems()
      notices.value = (await allNotices()).filter((one) => one.user === user.value)
    }
  }

  async function dismiss(key: string): Promise<void> {
    await dropNotice(key)
    notices.value = notices.value.filter((one) => one.key !== key)
  }

  /** Give up a move the server refused; it is said, never silent. */
  async function discard(item: Waiting): Promise<void> {
    const photos = waiting.value.filter(({ key }) => item.photos?.includes(key))
    await remove([item, ...photos].map(({ seq }) => seq!))
    waiting.value = await waitingItems()
  }

  return { orders, waiting, notices, reachable, heardAt, mine, others, unsent, of, recallAll, act, sync, dismiss, discard }
})
