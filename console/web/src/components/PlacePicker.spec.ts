import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import PlacePicker from './PlacePicker.vue'

const place = (code: string, kind: string, path: string[]) => ({ code, kind, path: [...path, code], name_zh: `名${code}`, name_en: code, outline: [], parent: path.at(-1) ?? null })
const PLACES = [place('T', 'town', []), place('E', 'estate', ['T']), ...Array.from({ length: 13 }, (_, n) => place(`B${n}`, 'building', ['T', 'E']))]
const TABLE = { 'GET /api/places': { items: PLACES }, 'GET /api/devices': { items: [], next: null } }
const codes = (id: string) => [...screen.getByTestId<HTMLSelectElement>(id).options].map(({ value }) => value)

async function open(props: object) {
  const api = serve(TABLE)
  const page = show(PlacePicker, { props: { modelValue: '', ...props } })
  await waitFor(() => expect(codes('place-area')).toContain('E'))
  return { ...api, ...page }
}

it('offers estates, and what stands above them only where that is asked for', async () => {
  const { unmount } = await open({})
  expect(codes('place-area')).toEqual(['E'])
  expect(screen.getByTestId<HTMLSelectElement>('place-spot').disabled).toBe(true)
  unmount()
  await open({ wide: true })
  expect(codes('place-area')).toEqual(['T', 'E'])
})

it('chooses an estate, then a place in it, found by name among many', async () => {
  const { emitted, rerender } = await open({})
  await fireEvent.update(screen.getByTestId('place-area'), 'E')
  await rerender({ modelValue: 'E' })
  expect(codes('place-spot')).toHaveLength(14)
  await fireEvent.update(screen.getByTestId('place-search'), 'B12')
  expect(codes('place-spot')).toEqual(['E', 'B12'])
  await fireEvent.update(screen.getByTestId('place-spot'), 'B12')
  expect(emitted('update:modelValue')).toEqual([['E'], ['B12']])
  await rerender({ modelValue: 'B12' })
  expect([screen.getByTestId<HTMLSelectElement>('place-area').value, screen.getByTestId<HTMLSelectElement>('place-spot').value]).toEqual(['E', 'B12'])
})

it('says why there are no places', async () => {
  serve({ 'GET /api/places': new Refusal(403, { title: '', detail: '没有辖区', status: 403 }) })
  show(PlacePicker, { props: { modelValue: '' } })
  expect((await screen.findByRole('alert')).textContent).toContain('没有辖区')
})
