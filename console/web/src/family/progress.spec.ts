import { afterEach, describe, expect, it, vi } from 'vitest'

import { answer, look, tokenOf } from './progress'

const TOKEN = 'x'.repeat(43)
const answers = (status: number, body: unknown = {}) => vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status }))))

describe('the family link', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('asks nobody without a whole token', async () => {
    answers(200)
    expect(await look(tokenOf('#short'))).toEqual({ problem: 'gone' })
    expect(fetch).not.toHaveBeenCalled()
  })

  it('tells a dead link from a dead network', async () => {
    answers(404)
    expect(await look(TOKEN)).toEqual({ problem: 'gone' })
    answers(503)
    expect(await look(TOKEN)).toEqual({ problem: 'slow' })
    answers(429)
    expect(await look(TOKEN)).toEqual({ problem: 'tooMany' })
    vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('offline'))))
    expect(await look(TOKEN)).toEqual({ problem: 'slow' })
  })

  it('sends the word on an alarm, and says so where it came too late', async () => {
    answers(200, {})
    expect(await answer(TOKEN, 'refuted')).toBe(true)
    expect(fetch).toHaveBeenCalledWith('/api/family/verdict', expect.objectContaining({ body: '{"verdict":"refuted"}' }))
    answers(409)
    expect(await answer(TOKEN, 'confirmed')).toBe(false)
  })
})
