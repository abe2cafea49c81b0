import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { useSession } from '@/stores/session'

import NewCasePage from './NewCasePage.vue'

const place = (code: string, kind: string, path: string[]) => ({ code, kind, name_zh: code, name_en: code, parent: path.at(-2) ?? null, path, outline: [], level: null, use: null })
const PLACES = [place('510681', 'city', ['510681']), place('EST1', 'estate', ['510681', 'EST1']), place('B1', 'building', ['510681', 'EST1', 'B1'])]
const answer = (data: unknown, status = 200): never => ({ data, response: new Response(null, { status }) }) as never

beforeEach(() => {
  vi.spyOn(api, 'GET').mockImplementation((path: string) => Promise.resolve(path === '/api/places' ? answer({ items: PLACES }) : answer({ items: [], next: null })))
})

describe('NewCasePage', () => {
  it('says whom to call as soon as the place is known', async () => {
    const callee = { person: 'key', name: '周管家', roles: [], org: null, note: '有钥匙', place: 'B1', place_zh: 'B1', place_en: 'B1', own: true, phone_masked: '100****5678' }
    vi.spyOn(api, 'GET').mockImplementation((path: string) => Promise.resolve(path === '/api/places' ? answer({ items: PLACES }) : answer({ items: path.endsWith('callees') ? [callee] : [], next: null })))
    const pinia = createPinia()
    useSession(pinia).me = { name: 'wang', role: 'operator' } as never
    render(NewCasePage, { global: { plugins: [i18n, pinia, router] } })
    await waitFor(() => expect(screen.getByRole('option', { name: 'EST1' })).toBeTruthy())
    expect(screen.queryByTestId('callee')).toBeNull()
    await fireEvent.update(screen.getByTestId('place-area'), 'EST1')
    expect((await screen.findByTestId('callee')).textContent).toContain('周管家')
  })

  it('reports what was told, where it is, and goes to the case', async () => {
    const post = vi.spyOn(api, 'POST').mockResolvedValue(answer({ id: 7 }, 201))
    const go = vi.spyOn(router, 'push').mockResolvedValue(undefined)
    render(NewCasePage, { global: { plugins: [i18n, createPinia(), router] } })
    await waitFor(() => expect(screen.getByRole('option', { name: 'EST1' })).toBeTruthy())
    expect(screen.queryByRole('option', { name: '510681' })).toBeNull()
    await fireEvent.update(screen.getByTestId('place-area'), 'EST1')
    await fireEvent.update(screen.getByTestId('place-spot'), 'B1')
    await fireEvent.click(screen.getByTestId('case-severity-2'))
    await fireEvent.update(screen.getByTestId('case-title'), ' 楼道堆物 ')
    await fireEvent.submit(screen.getByTestId('new-case'))
    await waitFor(() => expect(go).toHaveBeenCalledWith({ name: 'incidents', params: { id: 7 } }))
    const { body } = post.mock.calls[0]![1] as unknown as { body: Record<string, unknown> }
    expect(body).toMatchObject({ place: 'B1', severity: 2, title: '楼道堆物', code: null, reporter: null })
  })
})
