import { ref, watch, type Ref } from 'vue'

import type { Alert, AlertVerb, CaseCause as Cause, Outcome } from '@/api/types'
import { useAlerts } from '@/stores/alerts'
import { useSession } from '@/stores/session'

import { useAsync } from './useAsync'

/** What an operator does with one alert: by button or by key, the same way. */
export function useAlertActions(alert: Ref<Alert | null>, reload: () => Promise<void>) {
  const alerts = useAlerts()
  const session = useSession()
  const { pending, failure, run } = useAsync()
  const closing = ref(false)

  watch(
    () => alert.value?.id,
    () => {
      closing.value = false
      failure.value = ''
    },
  )

  const can = (verb: AlertVerb): boolean => session.mayAct && (alert.value?.legal.includes(verb) ?? false)

  async function act(verb: AlertVerb, more: { note?: string; outcome?: Outcome; cause?: Cause; version?: number } = {}): Promise<void> {
    const target = alert.value
    if (!target || pending.value || !can(verb)) return
    await run(() => alerts.act(target.id, verb, more))
    await reload()
  }

  const acknowledge = () => act('acknowledge')
  const dispatch = () => act('dispatch')

  /** Only closing names the version it has seen: each further hit makes a new one, and must not undo an acknowledgement. */
  async function close(outcome: Outcome, cause: Cause, note: string): Promise<void> {
    await act('close', { outcome, cause, note: note || undefined, version: alert.value?.version })
    if (!failure.value) closing.value = false
  }

  function askClose(): void {
    if (can('close')) closing.value = true
  }

  const cancelClose = () => void (closing.value = false)

  return { pending, failure, closing, can, acknowledge, dispatch, close, askClose, cancelClose }
}

export type AlertActions = ReturnType<typeof useAlertActions>
