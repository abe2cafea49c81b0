import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import PlansPage from './PlansPage.vue'

const plan = (id: string, more = {}) => ({ id, name_zh: `名${id}`, name_en: id, codes: ['FIRE-001'], place: null, steps: [{}, {}], version: 0, ...more })
const PLACES = { items: [{ code: 'E1', kind: 'estate', path: ['E1'], name_zh: '小区', name_en: 'Estate' }] }
function open(answer: unknown = { items: [plan('fire'), plan('flood', { place: 'E1', version: 2, codes: ['WATER-001'] })] }) {
  serve({ 'GET /api/plans': answer, 'GET /api/places': PLACES })
  return show(PlansPage, { role: 'operator' })
}

it('says what each plan is for, where it holds and whether it came with the platform, and opens it', async () => {
  const { router } = open()
  const [first, second] = await screen.findAllByTestId('plan-row')
  expect(first!.textContent).toMatch(/名fire.*FIRE-001.*全部区域.*2.*随附/)
  await waitFor(() => expect(second!.textContent).toMatch(/小区.*第 2 版/))
  await fireEvent.click(second!)
  await waitFor(() => expect(router.currentRoute.value.path).toBe('/plan/flood'))
})

it('finds a plan by its code, and says where none is found', async () => {
  open()
  await screen.findAllByTestId('plan-row')
  await fireEvent.update(screen.getByTestId('plan-q'), 'water')
  expect(screen.getAllByTestId('plan-row').map((one) => one.dataset['plan'])).toEqual(['flood'])
  await fireEvent.update(screen.getByTestId('plan-q'), 'nothing')
  expect(screen.getByText('没有预案')).toBeTruthy()
})

it('does not say that there is none where they could not be read', async () => {
  open(new Refusal(503, { title: 'x', detail: '数据库忙' }))
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
  expect(screen.queryByText('没有预案')).toBeNull()
})
