import { screen, waitFor } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { show } from '@/testing'

import ApiPage from './ApiPage.vue'

const drawn = vi.hoisted(() => vi.fn<(wish: { domNode: HTMLElement; url: string; validatorUrl: null; requestInterceptor: (request: object) => object }) => void>())
vi.mock('swagger-ui-dist/swagger-ui-es-bundle.js', () => ({ default: drawn }))

it('draws our own description, asks nobody outside, and asks as this page', async () => {
  show(ApiPage, { role: 'developer' })
  expect(screen.getByTestId('api-explorer').textContent).toBe('正在载入接口描述')
  await waitFor(() => expect(drawn).toHaveBeenCalledOnce())
  const wish = drawn.mock.calls[0]![0]
  expect(wish).toMatchObject({ domNode: screen.getByTestId('api-explorer'), url: '/api/openapi.json', validatorUrl: null })
  expect(wish.requestInterceptor({ url: '/api/me', headers: { Accept: 'x' } })).toEqual({ url: '/api/me', headers: { Accept: 'x', 'X-Shequ-Page': '1' } })
})
