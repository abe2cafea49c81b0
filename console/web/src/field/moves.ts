import type { Clock, FieldAction, FieldOrder, OrderMove } from '@/api/types'

/** Something that waits to be sent: a photo, or a move that may name photos sent before it. */
export interface Waiting {
  seq?: number // given by the queue: the order of sending
  key: string
  user: string
  order: number
  incident: number
  at: string
  photo?: Blob
  position?: OrderMove['position']
  action?: FieldAction
  text?: string
  hours?: number
  photos?: string[] // keys of photos
  sent?: number // a photo's number, once the server has it
  refused?: string // the server's words: it will not take this
}

/** What the server answered to a move that came too late, or whom a call for help reached. */
export interface Notice {
  key: string
  user: string
  order: number
  action: FieldAction
  why: string
  who: string
  at: string
  told?: string[] // by a call for help
}

const ALWAYS: readonly FieldAction[] = ['ask_help', 'note']
const LEAD: Partial<Record<FieldAction, readonly FieldAction[]>> = {
  acknowledge: ['arrive', 'handle', 'return_order'],
  arrive: ['handle'],
  handle: ['report_back', 'ask_extension'],
  report_back: [],
  return_order: [],
}
const ASSIST: Partial<Record<FieldAction, readonly FieldAction[]>> = {
  acknowledge: ['arrive', 'report_back', 'return_order'],
  arrive: ['report_back'],
  report_back: [],
  return_order: [],
}

/** What can be done once everything that waits has arrived: the phone cannot ask the server now. */
export function legalAfter(order: FieldOrder, waiting: readonly Waiting[]): readonly FieldAction[] {
  const table = order.role === 'lead' ? LEAD : ASSIST
  let legal: readonly FieldAction[] = order.legal
  for (const { action, refused } of waiting) {
    const next = action && !refused ? table[action] : undefined
    if (next) legal = next.length || action === 'report_back' ? [...next, ...ALWAYS] : []
  }
  return legal
}

const STATES: Partial<Record<FieldAction, string>> = { acknowledge: 'acknowledged', arrive: 'on_scene', handle: 'handling', report_back: 'reported_back', return_order: 'returned' }

/** Where the case will stand then. */
export function stateAfter(order: FieldOrder, waiting: readonly Waiting[]): string {
  const own: Record<string, string> = { sent: 'dispatched', done: 'reported_back' }
  const now = order.role === 'lead' ? order.incident_state : (own[order.state] ?? order.state)
  return waiting.reduce((state, { action, refused }) => (action && !refused ? (STATES[action] ?? state) : state), now)
}

const KEEPS: Partial<Record<FieldAction, Clock['clock']>> = { acknowledge: 'sign', arrive: 'arrive' }

/** Promises that are not kept by what waits. */
export function clocksAfter(order: FieldOrder, waiting: readonly Waiting[]): readonly Clock[] {
  const kept = new Set(waiting.map(({ action, refused }) => action && !refused && KEEPS[action]))
  return order.clocks.filter(({ clock }) => !kept.has(clock))
}
