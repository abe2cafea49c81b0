import type { Alert } from '@/api/types'

type Rung = Pick<Alert, 'severity' | 'state' | 'acked_at' | 'ended_at'>

/** Waits for an operator: nobody has acknowledged it and it is not over. */
export function waits(alert: Rung): boolean {
  return alert.state === 'open' && !alert.acked_at && !alert.ended_at
}

/** Rings until acknowledged; no mute reaches it. */
export function rings(alert: Rung): boolean {
  return alert.severity === 1 && waits(alert)
}

/** Sounds once on arrival, unless the shift is muted. */
export function chimes(alert: Rung, muted: boolean): boolean {
  return alert.severity !== 1 && !muted && waits(alert)
}
