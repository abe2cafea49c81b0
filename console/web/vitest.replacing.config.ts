import { configDefaults, defineConfig } from 'vitest/config'

import base, { replacing } from './vitest.config'

/** The specs that replace modules, in a window of its own each. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: replacing, exclude: configDefaults.exclude, environment: 'jsdom', isolate: true },
})
