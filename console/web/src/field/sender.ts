import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { MoveAnswer, OrderMove } from '@/api/types'

import type { Waiting } from './moves'

/** What became of one try to send. */
export type Sent = { kind: 'photo'; id: number } | { kind: 'move'; answer: MoveAnswer } | { kind: 'later' } | { kind: 'refused'; why: string }

/** Try to send one thing; under its key it happens once, however often it is tried. */
export async function sendOne(item: Waiting, photoIds: ReadonlyMap<string, number>): Promise<Sent> {
  try {
    return item.photo ? { kind: 'photo', id: await photo(item, item.photo) } : { kind: 'move', answer: await move(item, photoIds) }
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    return again(problem) ? { kind: 'later' } : { kind: 'refused', why: problem.detail || problem.title }
  }
}

/** No answer, a server in trouble, or an ended session: none of these is the move's fault. */
function again({ status }: Problem): boolean {
  return status === 0 || status === 401 || status === 429 || status >= 500
}

async function photo(item: Waiting, content: Blob): Promise<number> {
  const answer = await ask(
    api.POST('/api/incidents/{incident_id}/attachments', {
      params: {
        path: { incident_id: item.incident },
        query: { order: item.order, taken_at: item.at, lat: item.position?.lat, lon: item.position?.lon },
        header: { 'Idempotency-Key': item.key },
      },
      headers: { 'Content-Type': content.type },
      body: content as unknown as string,
      bodySerializer: (body) => body,
    }),
  )
  return answer.id
}

async function move(item: Waiting, photoIds: ReadonlyMap<string, number>): Promise<MoveAnswer> {
  const attachments = (item.photos ?? []).flatMap((key) => photoIds.get(key) ?? [])
  const wish: OrderMove = { action: item.action!, key: item.key, at: item.at, position: item.position, text: item.text, hours: item.hours, attachments }
  return ask(api.POST('/api/orders/{order_id}/actions', { params: { path: { order_id: item.order } }, body: wish }))
}
