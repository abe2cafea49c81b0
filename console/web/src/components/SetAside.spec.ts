import { render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'

import SetAside from './SetAside.vue'

function shown(look: object): void {
  vi.spyOn(api, 'GET').mockResolvedValue({ data: { whole: true, text: '{', hex: '7b', events: [], reason: null, detail: null, ...look }, response: new Response(null) } as never)
  render(SetAside, { props: { id: 7 }, global: { plugins: [i18n, createPinia()] } })
}

it('says what the decoders make of it now', async () => {
  shown({ events: [{ id: '1', device: 'smoke-1', type: 'smoke', at: '2026-01-01T00:00:00Z', data: { alarm: true } }] })
  expect((await screen.findByTestId('reads-now')).textContent).toContain('1')
  expect(screen.getByTestId('set-aside').textContent).toContain('smoke-1')
})

it('says what is still wrong, in words', async () => {
  shown({ reason: 'unknown_device', detail: "no device 'x'" })
  expect((await screen.findByTestId('still-wrong')).textContent).toContain('未登记的设备')
})
