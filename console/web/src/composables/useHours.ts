import { useI18n } from 'vue-i18n'

import { isHours } from './hours'
import { inWriting } from './threshold'

/** A parameter's value in words: armed hours by day, everything else as it is written. */
export function useHours(): (value: unknown) => string {
  const { t } = useI18n()
  return (value) =>
    isHours(value)
      ? Object.entries(value).map(([kind, spans]) => `${t(`hours.kind.${kind}`)} ${spans.join(', ').replaceAll('-', '–') || t('hours.none')}`).join(' · ')
      : inWriting(value) || t('common.dash')
}
