import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'

import PersonConsents from './PersonConsents.vue'

const given = { id: 1, person: 'p1', purpose: 'contact', version: 1, given_by: 'self', given_at: '2026-03-01T03:00:00+08:00', recorded_by: 'sun', withdrawn_at: null as string | null, erased_at: null }
const said = (data: unknown) => Promise.resolve({ data, response: new Response(null) })

beforeEach(() => {
  vi.spyOn(api, 'GET').mockImplementation((() => said({ items: [given] })) as never)
})
const shown = () => render(PersonConsents, { props: { id: 'p1' }, global: { plugins: [i18n, createPinia()] } })

it('takes a consent back after saying what goes, and says until when', async () => {
  const del = vi.spyOn(api, 'DELETE').mockImplementation((() => said({ items: [{ ...given, withdrawn_at: '2026-03-02T03:00:00+08:00' }] })) as never)
  shown()
  await fireEvent.click(await screen.findByTestId('consent-withdraw'))
  expect(screen.getByTestId('confirm').textContent).toContain('电话和其他联系方式')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  await waitFor(() => expect(screen.getByTestId('consent').textContent).toContain('最迟'))
  expect(del.mock.calls[0]).toMatchObject(['/api/privacy/people/{person_id}/consents/{purpose}', { params: { path: { person_id: 'p1', purpose: 'contact' } } }])
  expect(screen.queryByTestId('consent-withdraw')).toBeNull()
})

it('writes a consent down with the words that were shown', async () => {
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said({ items: [given] })) as never)
  shown()
  await fireEvent.click(await screen.findByTestId('consent-new'))
  await fireEvent.update(screen.getByTestId('consent-purpose'), 'position')
  await fireEvent.submit(screen.getByTestId('consent-form'))
  await waitFor(() => expect(post).toHaveBeenCalledOnce())
  const [, { body }] = post.mock.calls[0] as unknown as [string, { body: { purpose: string; words: string } }]
  expect(body.purpose).toBe('position')
  expect(body.words).toContain('位置')
})
