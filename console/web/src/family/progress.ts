import type { FamilyProgress } from '@/api/types'

export type Seen = { progress: FamilyProgress } | { problem: 'gone' | 'slow' | 'tooMany' }

/** The token stands behind the #, which no server sees; it travels in a header. */
export const tokenOf = (hash: string): string => hash.replace(/^#/, '')

export async function look(token: string): Promise<Seen> {
  if (token.length < 20) return { problem: 'gone' }
  try {
    const answer = await fetch('/api/family', { headers: { 'X-Family-Token': token } })
    if (answer.ok) return { progress: (await answer.json()) as FamilyProgress }
    return { problem: answer.status === 429 ? 'tooMany' : answer.status >= 500 ? 'slow' : 'gone' }
  } catch {
    return { problem: 'slow' }
  }
}

/** Their word on an alarm that waits for one; false where it came too late or nobody could be reached. */
export async function answer(token: string, verdict: 'confirmed' | 'refuted'): Promise<boolean> {
  try {
    const reply = await fetch('/api/family/verdict', { method: 'POST', headers: { 'X-Family-Token': token, 'Content-Type': 'application/json' }, body: JSON.stringify({ verdict }) })
    return reply.ok
  } catch {
    return false
  }
}

export async function rate(token: string, score: number, words: string): Promise<boolean> {
  try {
    const answer = await fetch('/api/family/rating', { method: 'POST', headers: { 'X-Family-Token': token, 'Content-Type': 'application/json' }, body: JSON.stringify({ score, words }) })
    return answer.ok
  } catch {
    return false
  }
}
