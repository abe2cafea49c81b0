import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'

import FootageOpened from './FootageOpened.vue'

it('lists what is open to us, and shows none of it before a reason is given', async () => {
  const answers: Record<string, unknown> = {
    '/api/picture-grants/mine': { items: [{ id: 4, device: 'cam-1', device_zh: '大门', device_en: 'Gate', what: ['picture'], recorded_from: '2026-03-01T03:00:00+08:00', recorded_until: '2026-03-01T04:00:00+08:00', reason: '协查', expires_at: '2026-03-09T03:00:00+08:00' }] },
    '/api/picture-grants/{grant_id}/pictures': { refs: ['EST1/cam-1/20260301/1.jpg'], more: false },
  }
  const get = vi.spyOn(api, 'GET').mockImplementation(((path: string) => Promise.resolve({ data: answers[path], response: new Response(null) })) as never)
  render(FootageOpened, { global: { plugins: [i18n, createPinia()] } })
  await fireEvent.click(await screen.findByTestId('footage-list'))
  await fireEvent.click(await screen.findByTestId('footage-ref'))
  expect(screen.getByTestId('snapshot-reason')).toBeTruthy()
  expect((get.mock.calls as unknown as [string][]).map(([path]) => path)).not.toContain('/api/snapshots/{path}')
})
