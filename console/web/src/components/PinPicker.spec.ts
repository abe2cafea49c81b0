import { fireEvent, screen } from '@testing-library/vue'
import { afterEach, expect, it, vi } from 'vitest'

import { usePlaces } from '@/stores/places'
import { show } from '@/testing'

import PinPicker from './PinPicker.vue'

const place = (code: string, kind: string, outline: number[][], path: string[]) => ({ code, kind, name_zh: `名${code}`, name_en: code, outline, path })
const PLAN = [place('E', 'estate', [[0, 0], [100, 0], [100, 50]], ['E']), place('B1', 'building', [[10, 10], [30, 10], [30, 20], [10, 20]], ['E', 'B1'])]
afterEach(() => void vi.unstubAllGlobals())
const open = (props: object, places = PLAN) => show(PinPicker, { props: { estate: 'E', place: 'B1', x: '', y: '', ...props }, known: () => places.forEach((one) => usePlaces().byCode.set(one.code, one as never)) })

it('puts the pin where the plan is clicked, in metres to the tenth, north upwards', async () => {
  const { emitted, container } = open({})
  Object.assign(screen.getByTestId('pin-plan'), { getScreenCTM: () => ({ inverse: () => 'inverse' }) })
  vi.stubGlobal('DOMPoint', class { constructor(private x: number, private y: number) {} matrixTransform = () => ({ x: this.x / 10, y: -this.y / 10 }) })
  await fireEvent.click(screen.getByTestId('pin-plan'), { clientX: 123.4, clientY: 56 })
  expect([emitted('update:x'), emitted('update:y')]).toEqual([[[12.3]], [[5.6]]])
  expect(container.querySelector('.hot title')!.textContent).toBe('名B1')
})

it('says where the pin is, and takes it away', async () => {
  const { emitted } = open({ x: 12, y: 5 })
  expect(screen.getByRole('img').getAttribute('aria-label')).toBe('图钉在 12，5')
  await fireEvent.click(screen.getByText('去掉图钉'))
  expect([emitted('update:x'), emitted('update:y')]).toEqual([[['']], [['']]])
})

it('takes metres from the keyboard, also where there is no plan', async () => {
  const { emitted } = open({}, [])
  expect(screen.queryByTestId('pin-plan')).toBeNull()
  expect(screen.getByText(/还没有平面图/)).toBeTruthy()
  await fireEvent.update(screen.getByTestId('pin-x'), '7.5')
  expect(emitted('update:x')).toEqual([[7.5]])
})
