import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Place } from '@/api/types'
import { i18n } from '@/i18n'
import { usePlaces } from '@/stores/places'

import AnchorForm from './AnchorForm.vue'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

it('says where an estate lies; buildings are not offered', async () => {
  const pinia = createPinia()
  setActivePinia(pinia)
  for (const [code, kind] of [['EST1', 'estate'], ['B1', 'building']] as const) usePlaces().byCode.set(code, { code, kind, name_zh: code, name_en: code, path: [code] } as unknown as Place)
  const put = vi.spyOn(api, 'PUT').mockResolvedValue({ data: {}, response: new Response(null) } as never)
  const { emitted } = render(AnchorForm, { global: { plugins: [i18n, pinia] } })
  expect(screen.queryByRole('option', { name: 'B1' })).toBeNull()
  await fireEvent.update(screen.getByTestId('anchor-place'), 'EST1')
  await fireEvent.update(screen.getByTestId('anchor-lat'), '31.0221')
  await fireEvent.update(screen.getByTestId('anchor-lon'), '104.1902')
  await fireEvent.submit(screen.getByTestId('anchor-go').closest('form')!)
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(put.mock.calls[0]![1]).toMatchObject({ params: { path: { place: 'EST1' } }, body: { lat: 31.0221, lon: 104.1902 } })
})
