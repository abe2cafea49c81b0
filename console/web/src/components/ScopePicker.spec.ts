import { fireEvent, screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { usePlaces } from '@/stores/places'
import { Refusal, serve, show } from '@/testing'

import ScopePicker from './ScopePicker.vue'

const place = (code: string, kind: string, path: string[]) => ({ code, kind, path, parent: path.at(-2) ?? null, name_zh: `名${code}`, name_en: code })
const PLACES = [place('E1', 'estate', ['E1']), place('B1', 'building', ['E1', 'B1']), place('F1', 'floor', ['E1', 'B1', 'F1']), place('E2', 'estate', ['E2'])]

async function open(scope: string, answer: object = { 'GET /api/places': { items: PLACES }, 'GET /api/devices': { items: [{ id: 'd1', estate: 'E1', name_zh: '烟感', name_en: 'smoke' }] } }) {
  const { calls } = serve(answer as Record<string, unknown>)
  const shown = show(ScopePicker, { props: { modelValue: scope } })
  for (const one of PLACES) usePlaces().byCode.set(one.code, one as never)
  await nextTick()
  return { ...shown, calls }
}
const chosen = (id: string) => (screen.getByTestId(id) as HTMLSelectElement).value

it('shows the estate and the narrowest thing chosen in it, and offers places that hold devices', async () => {
  await open('B1')
  await screen.findByText('烟感 d1')
  expect([chosen('scope-estate'), chosen('scope-place'), chosen('scope-device')]).toEqual(['E1', 'B1', ''])
  expect(within(screen.getByTestId('scope-place')).getAllByRole('option').map((one) => one.textContent)).toEqual(['整个小区', '名B1'])
})

it('chooses a device, and the whole estate where the device is taken away again', async () => {
  const { emitted, rerender } = await open('E1')
  await screen.findByText('烟感 d1')
  await fireEvent.update(screen.getByTestId('scope-device'), 'd1')
  await rerender({ modelValue: 'd1' })
  expect(chosen('scope-estate')).toBe('E1')
  await fireEvent.update(screen.getByTestId('scope-device'), '')
  expect(emitted('update:modelValue')).toEqual([['d1'], ['E1']])
})

it('says why an estate could not be read', async () => {
  await open('E1', { 'GET /api/places': new Refusal(503, { title: 'x', detail: '数据库忙' }) })
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
})
