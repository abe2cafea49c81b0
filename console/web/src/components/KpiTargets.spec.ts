import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, agree, serve, show } from '@/testing'

import KpiTargets from './KpiTargets.vue'

const KPIS = [{ id: 'arrive', name_zh: '到场率', name_en: 'Arrived', unit: 'percent' }, { id: 'ack', name_zh: '接警用时', name_en: 'Ack', unit: 'seconds' }]
const SET = { kpi: 'ack', place: 'T', name_zh: '南街', name_en: 'South', target: 90, source: '县办法', set_by: 'li', set_at: '2026-11-01T00:00:00Z' }
const PICKER = { props: ['modelValue'], emits: ['update:modelValue'], template: '<button type="button" data-testid="picker" @click="$emit(\'update:modelValue\', \'C\')">{{ modelValue }}</button>' }

async function open(role: string, items: object[] = [SET], more = {}) {
  const api = serve({ 'GET /api/kpi/board': { kpis: KPIS }, 'GET /api/kpi/targets': { items }, 'POST /api/kpi/targets': SET, 'DELETE /api/kpi/targets/{kpi}/{place}': { items: [] }, ...more })
  show(KpiTargets, { role, stubs: { PlacePicker: PICKER } })
  await (items.length > 0 ? screen.findByTestId('target-row') : screen.findByText('没有另设的目标'))
  return api
}

it('shows what was set where, by whom; who does not lead changes nothing', async () => {
  await open('operator')
  expect(screen.getByTestId('target-row').textContent).toMatch(/接警用时南街1 分 30 秒县办法li/)
  expect(screen.queryByTestId('target-new') ?? screen.queryByTestId('target-edit') ?? screen.queryByTestId('end')).toBeNull()
})

it('sets a target of an indicator for a place, with its ground', async () => {
  const { calls } = await open('shift_leader', [])
  await fireEvent.click(screen.getByTestId('target-new'))
  await fireEvent.update(screen.getByTestId('target-kpi'), 'arrive')
  expect(screen.getByTestId<HTMLInputElement>('target-value').max).toBe('100')
  await fireEvent.click(screen.getByTestId('picker'))
  await fireEvent.update(screen.getByTestId('target-value'), '95')
  await fireEvent.update(screen.getByTestId('target-source'), '年度考核')
  await fireEvent.click(screen.getByTestId('target-save'))
  await waitFor(() => expect(screen.queryByTestId('target-form')).toBeNull())
  expect(calls('POST')[0]![1]!['body']).toEqual({ kpi: 'arrive', place: 'C', target: 95, source: '年度考核' })
  await waitFor(() => expect(calls('GET').filter(([path]) => path === '/api/kpi/targets')).toHaveLength(2))
})

it('begins a change with what stands, keeps it where the server refuses, and takes one back', async () => {
  const { calls } = await open('shift_leader', [SET], { 'POST /api/kpi/targets': new Refusal(422, { title: '过高', status: 422 }) })
  await fireEvent.click(screen.getByTestId('target-edit'))
  expect(screen.getByTestId('picker').textContent).toBe('T')
  await fireEvent.click(screen.getByTestId('target-save'))
  expect((await screen.findByRole('alert')).textContent).toContain('过高')
  expect(screen.getByTestId<HTMLInputElement>('target-value').value).toBe('90')
  await fireEvent.click(within(screen.getByTestId('target-row')).getByTestId('end'))
  await agree()
  expect(await screen.findByText('没有另设的目标')).toBeTruthy()
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { kpi: 'ack', place: 'T' } } })
})
