import type { MoveAnswer } from '@/api/types'

import type { Notice, Waiting } from './moves'
import { addNotice, remove, update, waitingItems } from './queue'
import { sendOne } from './sender'

/** Send what waits for this user, in the order of acting; stops where nothing answers. */
export async function flush(user: string): Promise<void> {
  const mine = (await waitingItems()).filter((item) => item.user === user && !item.refused)
  const ids = new Map(mine.flatMap((item) => (item.sent === undefined ? [] : [[item.key, item.sent] as const])))
  for (const item of mine) {
    if (item.sent !== undefined) continue
    const sent = await sendOne(item, ids)
    if (sent.kind === 'later') break
    if (sent.kind === 'refused') {
      await update({ ...item, refused: sent.why })
    } else if (sent.kind === 'photo') {
      ids.set(item.key, sent.id)
      await update({ ...item, sent: sent.id, photo: undefined })
    } else {
      const worthSaying = notice(item, sent.answer)
      if (worthSaying) await addNotice(worthSaying)
      await remove(done(item, mine))
    }
  }
}

/** The move and the photos that went with it. */
function done(item: Waiting, all: readonly Waiting[]): number[] {
  const photos = all.filter(({ key, refused }) => item.photos?.includes(key) && !refused)
  return [item, ...photos].map(({ seq }) => seq!)
}

/** What its sender must know of a move: that it came too late, or whom a call for help reached. */
export function notice(item: Waiting, { outcome, why, last, told }: MoveAnswer): Notice | null {
  if (outcome !== 'kept' && item.action !== 'ask_help') return null
  const who = typeof last === 'object' && last !== null && 'actor' in last ? String(last.actor) : ''
  const about = { key: item.key, user: item.user, order: item.order, action: item.action!, why: why ?? '', who, at: item.at }
  return outcome === 'kept' ? about : { ...about, told: told ?? [] }
}
