import { useI18n } from 'vue-i18n'

import type { Alert } from '@/api/types'

import { useTime } from './useTime'
import { useWords } from './useWords'

/** Why an open alert is kept off the list, in words; empty where it is shown. */
export function useHeld() {
  const { t } = useI18n()
  const { clock } = useTime()
  const words = useWords()

  return (alert: Alert): string => {
    if (alert.state !== 'suppressed') return ''
    if (alert.held_by?.kind === 'alert') return t('quiet.heldBy', { what: words.kind(alert.held_by.code ?? '') })
    if (alert.hush_reason === 'flapping' && alert.muted_until) return t('quiet.muted', { t: clock(alert.muted_until) })
    return alert.hush_reason ? words.reason(alert.hush_reason) : ''
  }
}
