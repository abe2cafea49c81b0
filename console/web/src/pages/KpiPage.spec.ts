import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { handedOut, Refusal, serve, show } from '@/testing'

import KpiPage from './KpiPage.vue'

const step = (code: string) => ({ code, kind: 'estate', name_zh: `名${code}`, name_en: code })
const BOARD = { as_of: '2026-03-01T00:00:00Z', path: [step('county'), step('E1')], kpis: [{ id: 'arrival' }, { id: 'completion' }], false_by_rule: [], false_by_device: [] }
const stubs = { KpiCard: { template: '<button data-testid="card" :data-chosen="chosen" @click="$emit(\'choose\')">{{ kpi.id }}</button>', props: ['kpi', 'chosen'], emits: ['choose'] }, KpiBelow: { template: '<button data-testid="below" @click="$emit(\'down\', \'B1\')">{{ kpi.id }}</button>', props: ['kpi'], emits: ['down'] }, FalseTable: true }
function open(answer: unknown = BOARD, more = {}) {
  const { calls } = serve({ 'GET /api/kpi/board': answer, ...more })
  const shown = show(KpiPage, { role: 'operator', at: '/kpi?node=E1&month=2026-02', stubs })
  return { ...shown, asked: () => calls('GET').map((call) => (call[1] as { params: { query: object } }).params.query) }
}

it('shows the board of the place and month in the address, and below the indicator that is chosen', async () => {
  const { asked } = open()
  expect((await screen.findByTestId('below')).textContent).toBe('completion')
  expect(asked()).toEqual([{ node: 'E1', month: '2026-02' }])
  await fireEvent.click(screen.getAllByTestId('card')[0]!)
  expect(screen.getByTestId('below').textContent).toBe('arrival')
  expect(screen.getAllByTestId('card').map((card) => card.dataset['chosen'])).toEqual(['true', 'false'])
})

it('goes down and up, and asks for the same month there', async () => {
  const { router, asked } = open()
  await fireEvent.click(await screen.findByTestId('below'))
  await waitFor(() => expect(router.currentRoute.value.fullPath).toBe('/kpi?node=B1&month=2026-02'))
  await fireEvent.click(screen.getByTestId('kpi-node-county'))
  await waitFor(() => expect(asked().at(-1)).toEqual({ node: 'county', month: '2026-02' }))
})

it('hands the figures out as a sheet that is named by its month', async () => {
  open(BOARD, { 'GET /api/kpi/board.csv': new Blob(['x']) })
  await screen.findByTestId('kpi-board')
  const files = handedOut()
  await fireEvent.click(screen.getByTestId('kpi-csv'))
  await waitFor(() => expect(files.map(({ name }) => name)).toEqual(['kpi-2026-02.csv']))
})

it('says why it could not be read', async () => {
  open(new Refusal(403, { title: 'x', detail: '不在辖区' }))
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(screen.queryByText('正在读取…')).toBeNull()
})
