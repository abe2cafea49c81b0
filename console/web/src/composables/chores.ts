import type { RouteLocationRaw } from 'vue-router'

import type { Chores } from '@/api/types'

type Kind = Chores['kind']

/** Where each kind of chore is mended: one click away. */
const PLACES: Record<Kind, (subject: string) => RouteLocationRaw> = {
  order: (id) => ({ name: 'incidents', params: { id } }),
  rollout: () => ({ name: 'rollouts' }),
  offline: (id) => ({ name: 'device', params: { id }, query: { tab: 'health' } }),
  test_mode: () => ({ name: 'quiet' }),
  quiet: () => ({ name: 'quiet' }),
  battery: (id) => ({ name: 'device', params: { id }, query: { tab: 'health' } }),
  repair: () => ({ name: 'repairs' }),
  enrolment: () => ({ name: 'enrolment' }),
  contact: () => ({ name: 'people' }),
}

/** The page that mends a chore. */
export function mendedAt(kind: Kind, subject: string): RouteLocationRaw {
  return PLACES[kind](subject)
}
