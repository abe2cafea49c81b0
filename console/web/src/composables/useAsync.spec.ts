import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h } from 'vue'

import { Problem } from '@/api/problem'
import { i18n } from '@/i18n'

import { useAsync } from './useAsync'

function asked(): ReturnType<typeof useAsync> {
  let made: ReturnType<typeof useAsync> | undefined
  mount(defineComponent({ setup: () => ((made = useAsync()), () => h('p')) }), { global: { plugins: [i18n] } })
  if (!made) throw new Error('not set up')
  return made
}

it('drops the answer to an older question, however late it comes', async () => {
  const { latest, pending, failure } = asked()
  let say: (answer: string) => void = () => undefined
  let refuse: (cause: Problem) => void = () => undefined
  const old = latest(() => new Promise<string>((resolve) => (say = resolve)))
  const refused = latest(() => new Promise<string>((_, reject) => (refuse = reject)))
  expect(await latest(() => Promise.resolve('new'))).toBe('new')
  say('old')
  refuse(new Problem(500, 'broken', ''))
  expect(await old).toBeUndefined()
  expect(await refused).toBeUndefined()
  expect(failure.value).toBe('')
  expect(pending.value).toBe(false)
})
