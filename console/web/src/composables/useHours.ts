import { useI18n } from 'vue-i18n'

import { isHours } from './hours'
import { inWriting, isSpan, spanOf } from './threshold'
import { useWords } from './useWords'

/** A parameter's value in words: armed hours by day, spans with their unit, codes by name; the rest as it is written. */
export function useHours(): (value: unknown) => string {
  const { t } = useI18n()
  const { list, word } = useWords()
  return (value) => {
    if (isHours(value)) return Object.entries(value).map(([kind, spans]) => `${t(`hours.kind.${kind}`)} ${spans.join(', ').replaceAll('-', '–') || t('hours.none')}`).join(' · ')
    if (isSpan(value)) return t(`span.${spanOf(value).unit}`, { n: spanOf(value).n })
    if (Array.isArray(value) && value.length > 0) return list(value.map((one) => word('event.faultOf', String(one))))
    return inWriting(value) || t('common.dash')
  }
}
