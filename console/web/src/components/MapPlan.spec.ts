import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Alert } from '@/api/types'
import { i18n } from '@/i18n'

import MapPlan from './MapPlan.vue'

const pin = (device: string) => ({ device, name_zh: device, name_en: device, profile: 'smoke_sensor', online: true, x: 0.5, y: 0.5 })
const plan = { place: 'b1', kind: 'building', name_zh: '1 栋', name_en: 'Building 1', sha256: 'a', width: 400, height: 200, by_whom: 'li', at: '2026-01-01T00:00:00Z', pins: [pin('smoke-1'), pin('smoke-2')] }
const alert = (device: string | null, severity: number) => ({ id: severity, device, severity }) as Alert

beforeEach(() => {
  setActivePinia(createPinia())
  URL.createObjectURL = () => 'blob:plan'
  URL.revokeObjectURL = () => undefined
})

function open(items: object[], alerts: Alert[]) {
  vi.spyOn(api, 'GET').mockImplementation(((path: string) => Promise.resolve({ data: path.endsWith('picture') ? new Blob(['x']) : { items }, response: new Response(null) })) as never)
  return render(MapPlan, { props: { place: 'b1', alerts }, global: { plugins: [i18n], stubs: { RouterLink: true } } })
}

it('shows the plan of what was clicked, and the worst alarm of each device on it', async () => {
  open([plan], [alert('smoke-2', 3), alert('smoke-2', 1), alert(null, 1)])
  const [calm, ringing] = await screen.findAllByTestId('plan-pin')
  expect(api.GET).toHaveBeenCalledWith('/api/floor-plans', { params: { query: { place: 'b1' } } })
  expect(calm!.className).not.toContain('alarm')
  expect(ringing!.className).toContain('alarm')
  expect(ringing!.className).toContain('sev-1')
})

it('says that a place has no plan, and closes', async () => {
  const { emitted } = open([], [])
  expect((await screen.findByText(/还没有平面图/)).textContent).toMatch(/^b1 · .*物业/)
  await fireEvent.click(screen.getByTestId('map-plan-close'))
  await fireEvent.keyDown(screen.getByTestId('map-plan'), { key: 'Escape' })
  expect(emitted()['close']).toHaveLength(2)
})
