import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { QueueFilter } from '@/composables/useQueue'
import { i18n } from '@/i18n'

import SavedViews from './SavedViews.vue'

const all: QueueFilter = { severity: '', estate: '', code: '', state: 'active', q: '' }
const view = (id: number, mine: boolean, filter: Partial<QueueFilter>) => ({ id, name: `v${id}`, filter: { ...all, ...filter }, shared: !mine, by: 'sun', mine })
const answer = (data: unknown) => ({ data, response: new Response(null) }) as never

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = vi.fn()
  HTMLDialogElement.prototype.close = vi.fn()
})
const open = (filter: Partial<QueueFilter>, filtered: boolean) => render(SavedViews, { props: { filter: { ...all, ...filter }, filtered }, global: { plugins: [i18n, createPinia()] } })

it('offers own and shared views apart, and applies the whole filter of one', async () => {
  vi.spyOn(api, 'GET').mockResolvedValue(answer({ items: [view(1, true, { severity: '1' }), view(2, false, { estate: 'e1' })] }))
  const { emitted } = open({}, false)
  await screen.findByRole('option', { name: 'v1' })
  expect(screen.getAllByRole('group').map((group) => group.getAttribute('label'))).toEqual(['我的', '值班长共享'])
  await fireEvent.update(screen.getByTestId('view-pick'), '2')
  expect(emitted('change')).toEqual([[{ ...all, estate: 'e1' }]])
  expect(screen.queryByTestId('view-save')).toBeNull()
})

it('keeps the filters of now under a name', async () => {
  vi.spyOn(api, 'GET').mockResolvedValue(answer({ items: [] }))
  const post = vi.spyOn(api, 'POST').mockResolvedValue(answer(view(3, true, { q: 'x' })))
  open({ q: 'x' }, true)
  await fireEvent.click(await screen.findByTestId('view-save'))
  await fireEvent.update(screen.getByTestId('view-name'), '三栋')
  await fireEvent.submit(screen.getByTestId('view-go').closest('form')!)
  expect((post.mock.calls[0]![1] as unknown as { body: unknown }).body).toEqual({ name: '三栋', filter: { ...all, q: 'x' }, shared: false })
})

it('removes only what is one’s own', async () => {
  vi.spyOn(api, 'GET').mockResolvedValue(answer({ items: [view(2, false, { estate: 'e1' })] }))
  open({ estate: 'e1' }, true)
  await screen.findByRole('option', { name: 'v2 · sun' })
  expect(screen.queryByTestId('view-drop')).toBeNull()
})
