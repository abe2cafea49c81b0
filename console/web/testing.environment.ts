/** One jsdom window for all specs of a worker: making one takes longer than most specs run. `src/testing.setup.ts` tidies it up in between. */
import { builtinEnvironments, type Environment } from 'vitest/environments'

const MADE = Symbol.for('shequ.window')

export default {
  name: 'one-window',
  transformMode: 'web',
  async setup(global: Record<symbol, unknown>, options) {
    if (!global[MADE]) {
      global[MADE] = true
      await builtinEnvironments.jsdom.setup(global, options)
    }
    return { teardown: () => undefined }
  },
} satisfies Environment
