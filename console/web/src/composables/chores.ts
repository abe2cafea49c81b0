import type { RouteLocationRaw } from 'vue-router'

import type { Chores } from '@/api/types'

type Kind = Chores['kind']

/** Where each kind of chore is mended: one click away. */
const PLACES: Record<Kind, (subject: string) => RouteLocationRaw> = {
  order: (id) => ({ name: 'incidents', params: { id } }),
  rollout: (row) => ({ name: 'rollouts', query: { row } }),
  offline: (id) => ({ name: 'device', params: { id }, query: { tab: 'health' } }),
  test_mode: (row) => ({ name: 'quiet', query: { row } }),
  quiet: (row) => ({ name: 'quiet', query: { row } }),
  battery: (id) => ({ name: 'device', params: { id }, query: { tab: 'health' } }),
  maintenance: (id) => ({ name: 'device', params: { id }, query: { tab: 'overview' } }),
  repair: (row) => ({ name: 'repairs', query: { row } }),
  enrolment: (row) => ({ name: 'enrolment', query: { row } }),
  contact: (row) => ({ name: 'people', query: { row } }),
}

/** The page that mends a chore. */
export function mendedAt(kind: Kind, subject: string): RouteLocationRaw {
  return PLACES[kind](subject)
}
