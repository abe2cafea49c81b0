import { computed, shallowRef } from 'vue'

import { api, ask, write } from '@/api/client'
import type { RuleDetail, RuleVersion } from '@/api/types'

import { useAsync } from './useAsync'

export type RuleVerb = 'shadow' | 'promote' | 'rollback'

/** Where a new rule begins. */
const EMPTY = `rules:
  - code: SEC-090
    names: {zh: 新规则, en: New rule}
    severity: 3
    subject: device
    condition:
      kind: threshold
      when: {gate.door: data.state == 'forced'}
    roles: [PM]
    sla: {accept: 30m}
`

/** One rule with its versions, and what is done with it; `new` is one that nobody has saved yet. */
export function useRule(id: () => string) {
  const { pending, failure, run } = useAsync()
  const detail = shallowRef<RuleDetail | null>(null)

  async function load(): Promise<void> {
    const wanted = id()
    detail.value = detail.value?.id === wanted ? detail.value : null
    if (wanted === 'new') return
    const answer = await run(() => ask(api.GET('/api/rules/{rule_id}', { params: { path: { rule_id: wanted } } })))
    if (answer?.id === id()) detail.value = answer
  }

  const versions = computed<RuleVersion[]>(() => detail.value?.versions ?? [])
  const live = computed(() => versions.value.find((version) => version.state === 'live') ?? null)
  const shadow = computed(() => versions.value.find((version) => version.state === 'shadow') ?? null)
  /** What the page speaks of: the version in force, else the newest. */
  const main = computed(() => live.value ?? versions.value[0] ?? null)
  const start = computed(() => main.value?.source ?? EMPTY)

  const act = (action: RuleVerb, version: number | undefined, reason: string) =>
    run(() => write((key) => api.POST('/api/rules/{rule_id}/actions', { params: { path: { rule_id: id() }, header: { 'Idempotency-Key': key } }, body: { action, version, reason } })))

  const draft = (source: string, reason: string) =>
    run(() => write((key) => api.POST('/api/rules', { params: { header: { 'Idempotency-Key': key } }, body: { source, reason } })))

  return { detail, versions, live, shadow, main, start, pending, failure, load, act, draft }
}

export type RuleBook = ReturnType<typeof useRule>
