import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Place } from '@/api/types'
import { toGcj } from '@/field/geo'
import { i18n } from '@/i18n'
import { usePlaces } from '@/stores/places'

import AnchorForm from './AnchorForm.vue'

async function send(read: 'wgs84' | 'gcj02') {
  const pinia = createPinia()
  setActivePinia(pinia)
  for (const [code, kind] of [['EST1', 'estate'], ['B1', 'building']] as const) usePlaces().byCode.set(code, { code, kind, name_zh: code, name_en: code, path: [code] } as unknown as Place)
  const put = vi.spyOn(api, 'PUT').mockResolvedValue({ data: {}, response: new Response(null) } as never)
  const { emitted } = render(AnchorForm, { global: { plugins: [i18n, pinia] } })
  expect(screen.queryByRole('option', { name: 'B1' })).toBeNull()
  await fireEvent.update(screen.getByTestId('anchor-place'), 'EST1')
  await fireEvent.update(screen.getByTestId('anchor-lat'), '31.0221')
  await fireEvent.update(screen.getByTestId('anchor-lon'), '104.1902')
  await fireEvent.update(screen.getByTestId('anchor-read'), read)
  await fireEvent.submit(screen.getByTestId('anchor-go').closest('form')!)
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  return put.mock.calls[0]![1] as unknown as { params: { path: object }; body: { lat: number; lon: number } }
}

it('says where an estate lies; buildings are not offered', async () => {
  expect(await send('wgs84')).toMatchObject({ params: { path: { place: 'EST1' } }, body: { lat: 31.0221, lon: 104.1902 } })
})

it('sends as WGS 84 what was read off a shifted map', async () => {
  const { body } = await send('gcj02')
  const moved = toGcj(body)
  expect([moved.lat, moved.lon]).toEqual([expect.closeTo(31.0221, 7), expect.closeTo(104.1902, 7)])
  expect(Math.abs(body.lon - 104.1902)).toBeGreaterThan(0.001)
})
