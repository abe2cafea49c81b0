import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import PointsPage from './PointsPage.vue'

const RULES = [{ code: 'help', points: 5, name_zh: '帮扶', name_en: 'Help' }, { code: 'litter', points: -3, name_zh: '乱扔', name_en: 'Litter' }]
const stubs = { PointsTotals: { template: '<button data-testid="totals" @click="$emit(\'go\', \'B1\')" />', emits: ['go'] }, PointsForm: { template: '<button data-testid="form" @click="$emit(\'proposed\')">{{ rules.length }}</button>', props: ['rules'], emits: ['proposed'] }, PointsRow: { template: '<tr data-testid="row"><td>{{ entry.id }}</td></tr>', props: ['entry'] } }
function open(role: string, tab = '', answers: object = {}) {
  const { calls } = serve({ 'GET /api/points': { items: [{ id: 1 }] }, 'GET /api/points/totals': { path: [] }, 'GET /api/points/rules': RULES, 'GET /api/places': { items: [] }, ...answers })
  const shown = show(PointsPage, { role, at: `/points?node=E1${tab && `&tab=${tab}`}`, stubs })
  return { ...shown, asked: (path: string) => calls('GET').filter(([one]) => one === path).map((call) => (call[1] as { params: { query: object } }).params.query) }
}

it('adds up for the place of the address, and goes down', async () => {
  const { router, asked } = open('operator')
  await fireEvent.click(await screen.findByTestId('totals'))
  expect(asked('/api/points/totals')[0]).toMatchObject({ node: 'E1' })
  await waitFor(() => expect(asked('/api/points').at(-1)).toMatchObject({ node: 'B1' }))
  expect(router.currentRoute.value.path).toBe('/points')
})

it('asks for what waits, and does not call a refused ledger empty', async () => {
  const answers: unknown[] = [{ items: [{ id: 1 }] }, { items: [] }, new Refusal(503, { title: 'x', detail: '数据库忙' })]
  const { asked } = open('operator', 'entries', { 'GET /api/points': () => answers.shift() })
  expect((await screen.findByTestId('row')).textContent).toBe('1')
  await fireEvent.update(screen.getByTestId('points-stand'), 'waiting')
  expect(await screen.findByText('没有条目')).toBeTruthy()
  expect(asked('/api/points')[1]).toMatchObject({ stand: 'waiting' })
  await fireEvent.update(screen.getByTestId('points-stand'), 'published')
  expect((await screen.findByRole('alert')).textContent).toContain('读取失败：数据库忙')
  expect(screen.queryByText('没有条目')).toBeNull()
})

it('lists what earns and what costs apart', async () => {
  open('operator', 'rules')
  const gained = (await screen.findByText('+5')).closest('section')!
  expect(gained.textContent).toBe('正面清单+5 帮扶')
  expect(screen.getByText('-3').closest('section')!.textContent).toBe('负面清单-3 乱扔')
})

it('lets whoever works with cases propose, and shows a developer no such form', async () => {
  const first = open('property', 'propose')
  await waitFor(() => expect(screen.getByTestId('form').textContent).toBe('2'))
  first.unmount()
  open('developer', 'propose')
  expect(await screen.findByTestId('totals')).toBeTruthy()
  expect(screen.queryByTestId('tab-propose')).toBeNull()
})
