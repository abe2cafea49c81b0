import { expect, it, vi } from 'vitest'

import { openAnew } from './anew'

it('opens the page once the server answers, and not before', async () => {
  const answers = [new Error('away'), new Response('', { status: 503 }), new Response('ok')]
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(() => {
    const next = answers.shift()
    return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new Error('asked too often'))
  })
  const opened: string[] = []
  await openAnew('/watch/7', (path) => opened.push(path), () => Promise.resolve())
  expect(asked).toHaveBeenCalledTimes(3)
  expect(opened).toEqual(['/watch/7'])
})
