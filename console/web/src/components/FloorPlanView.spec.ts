import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { FloorPlan } from '@/api/types'
import { i18n } from '@/i18n'

import FloorPlanView from './FloorPlanView.vue'

const pin = (device: string, x: number, y: number) => ({ device, name_zh: device, name_en: device, profile: 'smoke_sensor', online: true, x, y })
const plan: FloorPlan = { place: 'b1', kind: 'building', name_zh: '1 栋', name_en: 'Building 1', sha256: 'a', width: 400, height: 200, by_whom: 'li', at: '2026-01-01T00:00:00Z', pins: [pin('smoke-1', 0.25, 0.5), pin('smoke-2', 0.9, 0.1)] }

beforeEach(() => {
  vi.spyOn(api, 'GET').mockResolvedValue({ data: new Blob(['x']), response: new Response(null) } as never)
  URL.createObjectURL = () => 'blob:plan'
  URL.revokeObjectURL = () => undefined
})

function shown(props: object) {
  return render(FloorPlanView, { props: { plan, ...props }, global: { plugins: [i18n, createPinia()], stubs: { RouterLink: { template: '<a><slot /></a>' } } } })
}

it('shows each device where its shares say, and the one that matters larger', async () => {
  shown({ hot: 'smoke-2', severity: 1 })
  expect((await screen.findByRole('img')).getAttribute('src')).toBe('blob:plan')
  const [first, second] = screen.getAllByTestId('plan-pin')
  expect(first!.getAttribute('style')).toContain('left: 25%; top: 50%')
  expect(first!.className).not.toContain('hot')
  expect(second!.className).toContain('hot')
})

it('is pinned by click, as shares of the picture', async () => {
  const { emitted } = shown({ hot: 'smoke-9', placing: true })
  const canvas = screen.getByTestId('plan-canvas')
  canvas.getBoundingClientRect = () => ({ x: 100, y: 50, width: 400, height: 200 }) as DOMRect
  await fireEvent.click(canvas, { clientX: 200, clientY: 200 })
  expect(emitted('pin')).toEqual([[{ x: 0.25, y: 0.75 }]])
})

it('is pinned by keys alone, and stays on the picture', async () => {
  const { emitted } = shown({ hot: 'smoke-2', placing: true })
  const canvas = screen.getByTestId('plan-canvas')
  for (let n = 0; n < 9; n += 1) await fireEvent.keyDown(canvas, { key: 'ArrowRight' })
  await fireEvent.keyDown(canvas, { key: 'ArrowDown', shiftKey: true })
  await fireEvent.keyDown(canvas, { key: 'Enter' })
  expect(emitted('pin')).toEqual([[{ x: 1, y: 0.102 }]])
})
