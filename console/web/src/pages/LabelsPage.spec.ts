import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useCatalogue } from '@/stores/catalogue'
import { Refusal, serve, show } from '@/testing'

import LabelsPage from './LabelsPage.vue'

const LIST = { items: [{ label: 'L1', state: 'collected', profile: 'smoke', estate: 'E1', make: 'Acme', model: null, serial: 'S1', created_by: 'li', created_at: '2026-03-01T00:00:00Z' }] }
const PLACES = { items: [{ code: 'E1', kind: 'estate', path: ['E1'], name_zh: '小区', name_en: 'Estate' }] }
async function open(answer: unknown = { items: [{ label: 'N1', code: 'C' }] }) {
  const { calls } = serve({ 'GET /api/enrolment/labels': LIST, 'GET /api/places': PLACES, 'POST /api/enrolment/labels': answer })
  show(LabelsPage, { role: 'property', stubs: { LabelSheet: { template: '<i class="sheet">{{ labels.length }}</i>', props: ['labels'] } } })
  useCatalogue().words = { profiles: [{ family: 'smoke', name_zh: '烟感', name_en: 'Smoke' }], alerts: [] } as never
  await screen.findByTestId('label-row')
  await waitFor(() => expect((screen.getByTestId('label-estate') as HTMLSelectElement).value).toBe('E1'))
  await fireEvent.update(screen.getByTestId('label-profile'), 'smoke')
  return { calls, made: () => calls('POST')[0]![1]!['body'] }
}
const submit = () => fireEvent.submit(screen.getByTestId('label-form'))

it('says which label became of whom', async () => {
  await open()
  expect(screen.getByTestId('label-row').textContent).toMatch(/L1 已领取 烟感 小区 Acme · S1 · li/)
})

it('makes as many as are wanted, or one for each serial, and shows their codes once', async () => {
  const { made } = await open()
  await fireEvent.update(screen.getByTestId('label-serials'), ' S1 \n\nS2\n')
  expect(screen.queryByTestId('label-count')).toBeNull()
  await submit()
  await nextTick()
  const about = { profile: 'smoke', make: null, model: null }
  expect(made()).toEqual({ estate: 'E1', items: [{ ...about, serial: 'S1' }, { ...about, serial: 'S2' }] })
  expect((await screen.findByRole('status')).textContent).toContain('申领码只显示这一次')
  const [seen, printed] = [...document.querySelectorAll('.sheet')]
  expect(seen!.textContent).toBe('1')
  expect(printed!.getAttribute('aria-hidden')).toBe('true')
})

it('keeps what was written where it was refused', async () => {
  const { made } = await open(new Refusal(403, { title: 'x', detail: '不在辖区' }))
  await fireEvent.update(screen.getByTestId('label-count'), '2')
  await submit()
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect((made() as { items: unknown[] }).items).toHaveLength(2)
  expect((screen.getByTestId('label-count') as HTMLInputElement).value).toBe('2')
})
