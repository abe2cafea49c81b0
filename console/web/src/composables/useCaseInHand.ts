import { inject, provide, type InjectionKey } from 'vue'

const KEY: InjectionKey<() => string> = Symbol('the case in hand')

/** Says which case is open here: who asks for a person's data within it need not write a reason, it is the case. */
export function provideCase(reason: () => string): void {
  provide(KEY, reason)
}

/** The reason that the case in hand is; empty where none is, so that somebody writes one. */
export function useCaseReason(): () => string {
  return inject(KEY, () => '')
}
