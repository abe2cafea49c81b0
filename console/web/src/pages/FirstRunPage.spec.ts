import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import FirstRunPage from './FirstRunPage.vue'

async function make(answer: unknown) {
  const { calls } = serve({ 'POST /api/session/first-run': answer })
  const shown = show(FirstRunPage)
  await fireEvent.update(screen.getByTestId('first-code'), ' abc ')
  await fireEvent.update(screen.getByTestId('first-name'), 'li')
  await fireEvent.update(screen.getByTestId('first-password'), 'long-enough-1')
  await fireEvent.submit(screen.getByTestId('first-make').closest('form')!)
  return { ...shown, calls }
}

it('makes the first account with the code of the log, and leads to the login', async () => {
  const { calls, router } = await make({})
  await waitFor(() => expect(router.currentRoute.value.path).toBe('/login'))
  expect(calls('POST')).toEqual([['/api/session/first-run', { body: { code: 'abc', name: 'li', password: 'long-enough-1' } }]])
})

it('cannot be pressed twice', async () => {
  await make(() => new Promise(() => undefined))
  expect(screen.getByTestId<HTMLButtonElement>('first-make').disabled).toBe(true)
})

it('stays and says why it was refused', async () => {
  const { router } = await make(new Refusal(403, { title: 'x', detail: '代码不对' }))
  expect((await screen.findByRole('alert')).textContent).toContain('代码不对')
  expect(router.currentRoute.value.path).toBe('/')
})

it('says in the language of the reader that no answer came', async () => {
  await make(() => {
    throw new TypeError('fetch failed')
  })
  expect((await screen.findByRole('alert')).textContent).toContain('服务器没有回应')
})
