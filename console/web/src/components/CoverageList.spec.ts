import { fireEvent, screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CoverageList from './CoverageList.vue'

const point = (code: string, more = {}) => ({ code, network: 'tianwang', place: 'EST1', place_zh: '幸福里', place_en: 'Happy', name_zh: `名${code}`, name_en: code, device: 'cam-1', device_zh: '枪机', device_en: 'Cam', covered: true, ...more })
const stubs = { CoverageForm: { props: ['point'], emits: ['done', 'close'], template: '<p @click="$emit(\'done\')">form of {{ point?.code ?? "new" }}</p>' } }
const open = (role: string, answer: unknown) => {
  const api = serve({ 'GET /api/kpi/points': answer })
  show(CoverageList, { role, stubs })
  return api
}

it('says which points are covered, and leads to the camera', async () => {
  open('operator', { items: [point('A'), point('B', { device: null, covered: false })] })
  const [seen, blind] = await screen.findAllByTestId('point-row')
  expect(screen.getByText('已覆盖 1 / 2')).toBeTruthy()
  expect(within(seen!).getByRole('link', { name: '枪机' }).getAttribute('href')).toBe('/device/cam-1')
  expect(blind!.textContent).toMatch(/—.*未覆盖/s)
  for (const one of ['point-new', 'point-edit']) expect(screen.queryByTestId(one), 'an operator changes no point').toBeNull()
})

it('a leader changes one, and the list is read anew', async () => {
  const { calls } = open('shift_leader', { items: [point('A')] })
  await fireEvent.click(await screen.findByTestId('point-edit'))
  await fireEvent.click(screen.getByText('form of A'))
  await settled()
  expect(calls('GET')).toHaveLength(2)
  expect(screen.queryByText('form of A')).toBeNull()
  await fireEvent.click(screen.getByTestId('point-new'))
  expect(screen.getByText('form of new')).toBeTruthy()
})

it('tells no point from no answer, and asks again', async () => {
  let answer: unknown = new Refusal(503, { title: 'away' })
  open('operator', () => answer)
  const retry = await screen.findByRole('button', { name: '重试' })
  expect(screen.queryByText('还没有登记点位')).toBeNull()
  answer = { items: [] }
  await fireEvent.click(retry)
  expect(await screen.findByText('还没有登记点位')).toBeTruthy()
})
