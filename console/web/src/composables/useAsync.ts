import { ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'

import { Problem } from '@/api/problem'

/** One running call: pending while it runs, `failure` in the reader's words where it failed. */
export function useAsync() {
  const { t, te } = useI18n()
  const pending = ref(false)
  const failure = shallowRef('')

  let turn = 0

  async function run<T>(call: () => Promise<T>, matters = (): boolean => true): Promise<T | undefined> {
    pending.value = true
    failure.value = ''
    try {
      const answer = await call()
      return matters() ? answer : undefined
    } catch (problem) {
      if (matters()) failure.value = inWords(problem)
      return undefined
    } finally {
      if (matters()) pending.value = false
    }
  }

  /** Like `run`, for a question that follows a filter: the answer to an older one is dropped, however late it comes. */
  function latest<T>(call: () => Promise<T>): Promise<T | undefined> {
    const mine = (turn += 1)
    return run(call, () => mine === turn)
  }

  function inWords(problem: unknown): string {
    if (!(problem instanceof Problem)) throw problem
    if (problem.silent) return t('action.noAnswer')
    if (problem.status === 409 && problem.moved) return problem.last ? t('action.beaten', { who: problem.last.actor, what: doing(problem.last.action) }) : t('action.conflict')
    if (problem.status === 403) return t('action.forbidden', { why: problem.detail })
    return t('action.failed', { why: problem.detail || problem.title })
  }

  const doing = (action: string): string => [`logAction.${action}`, `incidentAction.${action}`].filter((key) => te(key)).map((key) => t(key))[0] ?? action

  return { pending, failure, run, latest }
}
