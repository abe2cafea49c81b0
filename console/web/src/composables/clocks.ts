import type { Incident } from '@/api/types'

export type Clock = Incident['clocks'][number]
export type Tone = 'calm' | 'amber' | 'red' | 'supervise' | 'met' | 'late' | 'still'

export interface Reading {
  clock: Clock
  tone: Tone
  /** Per cent of the limit that is gone, as far as the bar shows it. */
  share: number
  /** Seconds until it is due; negative: so long overdue; null: it stands still or is over. */
  left: number | null
}

const at = (text: string | null): number => (text === null ? NaN : Date.parse(text))

/** How much of a promise is gone: between the moments the server reckoned, so that working hours need no calendar here. */
function shareOf(clock: Clock, now: number): number {
  const points: [number, number][] = [
    [at(clock.began_at), 0],
    [at(clock.amber_at), 80],
    [at(clock.due_at), 100],
    [at(clock.supervise_at), 150],
  ]
  const next = points.findIndex(([moment]) => now < moment)
  if (next === 0) return 0
  if (next < 0) return 150
  const [[from, low], [to, high]] = [points[next - 1] as [number, number], points[next] as [number, number]]
  return low + ((high - low) * (now - from)) / Math.max(1, to - from)
}

function tone(share: number): Tone {
  if (share >= 150) return 'supervise'
  if (share >= 100) return 'red'
  return share >= 80 ? 'amber' : 'calm'
}

/** How one promise stands at a moment. */
export function read(clock: Clock, now: number): Reading {
  if (clock.met_at !== null) return { clock, tone: clock.breached_at ? 'late' : 'met', share: 100, left: null }
  if (!clock.running || clock.due_at === null) return { clock, tone: 'still', share: Math.min(100, (100 * clock.spent_s) / clock.limit_s), left: null }
  const share = shareOf(clock, now)
  return { clock, tone: tone(share), share, left: (at(clock.due_at) - now) / 1000 }
}

/** The promise that runs out next, or is the longest overdue: what a list shows of a case. */
export function nearest(clocks: readonly Clock[], now: number): Reading | null {
  const running = clocks.map((clock) => read(clock, now)).filter((reading) => reading.left !== null)
  return running.sort((a, b) => (a.left as number) - (b.left as number))[0] ?? null
}
