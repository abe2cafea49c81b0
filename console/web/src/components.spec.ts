import { existsSync, readdirSync, readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

const components = readdirSync('src', { recursive: true, encoding: 'utf-8' }).filter((name) => name.endsWith('.vue')).map((name) => `src/${name}`)

it('each component has its spec beside it', () => {
  expect(components.filter((name) => !existsSync(name.replace(/vue$/, 'spec.ts')))).toEqual([])
})

it('no component is longer than 150 lines', () => {
  expect(components.filter((name) => readFileSync(name, 'utf-8').trimEnd().split('\n').length > 150)).toEqual([])
})
