import { onBeforeUnmount, onMounted, shallowRef } from 'vue'

import { api, ask } from '@/api/client'
import type { Board, Wall } from '@/api/types'

const EVERY_MS = 60_000

/** The figures of the wall that do not come with the feed: asked for once a minute. */
export function useWall() {
  const wall = shallowRef<Wall | null>(null)
  const board = shallowRef<Board | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  async function refresh(): Promise<void> {
    // A wall that cannot ask keeps its last figures; the stale bar says that the line is down.
    await Promise.allSettled([ask(api.GET('/api/wall')).then((answer) => (wall.value = answer)), ask(api.GET('/api/kpi/board')).then((answer) => (board.value = answer))])
    if (!gone) timer = setTimeout(() => void refresh(), EVERY_MS)
  }

  onMounted(() => void refresh())
  onBeforeUnmount(() => {
    gone = true
    clearTimeout(timer)
  })
  return { wall, board }
}
