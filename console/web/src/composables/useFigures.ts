import { useI18n } from 'vue-i18n'

import { useTime } from './useTime'
import { useWords } from './useWords'

const TIME = /^\d{4}-\d\d-\d\dT/
const WORDS_OF: Record<string, string> = { label: 'event.object', zone: 'event.zone', state: 'event', phase: 'event', action: 'event', direction: 'event', method: 'event', result: 'event', medium: 'event.medium', part: 'event.part', self_test: 'event.doneOf', config_status: 'event.doneOf' }

/** The figures of a decision in plain words: what is measured, and how much. */
export function useFigures() {
  const { t, locale } = useI18n()
  const { clock, duration } = useTime()
  const { list, word } = useWords()

  function show(key: string, value: unknown): string {
    if (value === null || value === undefined) return t('common.dash')
    if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no')
    if (typeof value === 'number') return /(_s|^window|seconds)$/.test(key) ? duration(value) : value.toLocaleString(locale.value)
    if (typeof value === 'string') return TIME.test(value) ? clock(value) : word(WORDS_OF[key] ?? 'explain', value)
    if (Array.isArray(value)) return list(value.map((entry) => show(key, entry)))
    return JSON.stringify(value)
  }

  /** The figures of the deciding message stand beside the rule's own. */
  function flat(explain: Record<string, unknown>): [string, unknown][] {
    return Object.entries(explain).flatMap(([key, value]): [string, unknown][] =>
      key === 'data' && typeof value === 'object' && value !== null ? Object.entries(value) : [[key, value]],
    )
  }

  return (explain: Record<string, unknown>): { key: string; label: string; value: string }[] =>
    flat(explain).map(([key, value]) => ({ key, label: word('explain', key), value: show(key, value) }))
}
