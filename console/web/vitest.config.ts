import { readdirSync, readFileSync } from 'node:fs'

import { configDefaults, defineConfig } from 'vitest/config'

import base from './vite.config'

/** Specs that replace modules: what they replaced would stay replaced for those after them (vitest.replacing.config.ts). */
export const replacing = readdirSync('src', { recursive: true, encoding: 'utf-8' })
  .filter((name) => name.endsWith('.spec.ts'))
  .map((name) => `src/${name}`)
  .filter((name) => /vi\.(?:do)?[mM]ock\(/.test(readFileSync(name, 'utf-8')))

export default defineConfig({
  ...base,
  test: {
    environment: './testing.environment.ts',
    setupFiles: ['src/testing.setup.ts'],
    exclude: [...configDefaults.exclude, ...replacing],
    pool: 'threads',
    isolate: false, // one window per worker: making one, and reading all modules anew, takes longer than the specs
    restoreMocks: true, // before each spec
    testTimeout: 60_000, // a limit against hanging, not a measure of speed: the specs run beside lint and types on two cores
  },
})
