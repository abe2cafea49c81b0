import createClient, { type Middleware } from 'openapi-fetch'

import { Problem, problemFrom } from './problem'
import type { paths } from './schema'

let onUnauthorised: () => void = () => undefined

export function whenUnauthorised(handler: () => void): void {
  onUnauthorised = handler
}

/** The session's cookie goes by itself; this header says that our page asked, which no other site's page can. */
const ours: Middleware = {
  onRequest({ request }) {
    request.headers.set('X-Shequ-Page', '1')
    return request
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== '/api/session' && !schemaPath.startsWith('/api/session/')) onUnauthorised()
    return undefined
  },
}

export const api = createClient<paths>({ baseUrl: '/' })
api.use(ours)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The answer's body, or a thrown Problem. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Problem(0, 'no answer', '')
  }
  if (!answer.response.ok) throw problemFrom(answer.response.status, answer.error)
  return answer.data as T
}

/** A write with its idempotency key: where no answer came, the same write is asked once more under the same key. */
export async function write<T>(call: (key: string) => Promise<Answer<T>>): Promise<T> {
  const key = newKey()
  try {
    return await ask(call(key))
  } catch (problem) {
    if (!(problem instanceof Problem) || !problem.silent) throw problem
    return await ask(call(key))
  }
}

/** All pages of a list, `most` at the utmost. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<{ items: T[]; next?: string | null }>,
  most = 50,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (let count = 0; count < most; count += 1) {
    const answer = await page(cursor)
    items.push(...answer.items)
    if (!answer.next) break
    cursor = answer.next
  }
  return items
}

export function newKey(): string {
  // randomUUID needs HTTPS; a centre's intranet may serve plain HTTP.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
