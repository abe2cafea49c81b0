import { fireEvent, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import { show } from '@/testing'

import CommunityMap from './CommunityMap.vue'

interface Wishes { alerts: () => object[]; off: () => string[]; select: (id: number) => void; open: (place: string) => void; scale: number }
const map = { ready: ref(true), failure: ref(''), showAll: vi.fn(), zoom: vi.fn(), wishes: undefined as unknown as Wishes }
vi.mock('@/map/useCommunityMap', () => ({ useCommunityMap: (_: unknown, wishes: Wishes) => Object.assign(map, { wishes }) }))
const stubs = { MapPlan: { props: ['place'], emits: ['close'], template: '<p @click="$emit(\'close\')">plan of {{ place }}</p>' } }
const open = (props = {}) => show(CommunityMap, { props: { alerts: [{ id: 7 }], ...props }, stubs })

it('hands the alerts on and says which one was clicked', () => {
  const { emitted } = open()
  expect(map.wishes.alerts()).toEqual([{ id: 7 }])
  map.wishes.select(7)
  expect(emitted('select')).toEqual([[7]])
})

it('switches layers off and on, and says so to readers', async () => {
  open()
  const devices = screen.getByRole('button', { name: '设备', pressed: true })
  await fireEvent.click(devices)
  expect(map.wishes.off()).toEqual(['devices'])
  expect(devices.getAttribute('aria-pressed')).toBe('false')
  await fireEvent.click(devices)
  expect(map.wishes.off()).toEqual([])
})

it('zooms by buttons and lays the plan of a clicked place over the map', async () => {
  open()
  await fireEvent.click(screen.getByRole('button', { name: '放大' }))
  await fireEvent.click(screen.getByRole('button', { name: '缩小' }))
  expect(map.zoom.mock.calls).toEqual([[1], [-1]])
  map.wishes.open('B1')
  await nextTick()
  await fireEvent.click(screen.getByText('plan of B1'))
  expect(screen.queryByText('plan of B1')).toBeNull()
})

it('on the wall there is nothing to press; a map that does not open says why', async () => {
  open({ bare: true })
  expect(screen.queryByRole('button')).toBeNull()
  map.failure.value = 'WebGL'
  await nextTick()
  expect(screen.getByRole('alert').textContent).toBe('地图打不开：WebGL')
})
