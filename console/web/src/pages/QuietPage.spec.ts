import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, show } from '@/testing'

import QuietPage from './QuietPage.vue'

const row = (id: number, more = {}) => ({ id, kind: 'silence', state: 'active', scope_zh: '1 栋', scope_en: 'B1', codes: [], life_safety: false, reason: '施工', author: 'li', ends_at: '2026-03-02T00:00:00Z', ended_at: null, ended_by: null, ended_reason: null, hidden: 4, ...more })
const PLACES = { items: [{ code: 'E1', kind: 'estate', path: ['E1'], name_zh: '小区', name_en: 'Estate' }] }
const QuietForm = { template: '<button data-testid="form" @click="$emit(\'done\')">{{ start }} {{ startKind }}</button>', props: ['start', 'startKind'], emits: ['done'] }
function open(items: unknown[], answers: object = {}, at = '/quiet') {
  const { calls } = serve({ 'GET /api/hushes': { items }, 'GET /api/places': PLACES, ...answers })
  show(QuietPage, { role: 'operator', at, stubs: { QuietForm } })
  return () => calls('GET').filter(([path]) => path === '/api/hushes').map((call) => (call[1] as { params: { query: object } }).params.query)
}

it('says where it is quiet, about what, why, for whom and how much is hidden', async () => {
  open([row(1, { codes: ['A-1', 'B-2'], life_safety: true }), row(2, { state: 'planned', kind: 'drill' }), row(3, { state: 'ended', ended_at: '2026-03-01T00:00:00Z', ended_by: 'zhao', ended_reason: '完工' })])
  const [active, planned, ended] = await screen.findAllByTestId('quiet-row')
  expect(active!.textContent).toMatch(/静默.*1 栋.*A-1、B-2 含紧急.*施工.*li.*4.*结束/)
  expect(planned!.textContent).toMatch(/演练未开始.*全部类型/)
  expect(ended!.textContent).toContain('zhao 提前结束：完工')
  expect(within(ended!).queryByTestId('quiet-end')).toBeNull()
})

it('ends it for a reason, and says why it could not', async () => {
  const answers: unknown[] = [new Refusal(403, { title: 'x', detail: '不在辖区' }), {}]
  const asked = open([row(1)], { 'POST /api/hushes/{hush_id}/end': () => answers.shift() })
  await fireEvent.click(await screen.findByTestId('quiet-end'))
  expect(screen.getByText(/提前结束「1 栋」的静默？/)).toBeTruthy()
  await agree('完工')
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(asked()).toHaveLength(1)
  await fireEvent.click(screen.getByTestId('quiet-end'))
  await agree('完工')
  await waitFor(() => expect(asked()).toHaveLength(2))
  expect(screen.queryByRole('alert')).toBeNull()
})

it('begins with what a device’s page leads to, and shows what was asked for', async () => {
  const asked = open([], {}, '/quiet?scope=d1&kind=test')
  expect(screen.getByTestId('form').textContent).toBe('d1 test')
  expect(screen.queryByTestId('quiet-new')).toBeNull()
  await fireEvent.update(screen.getByTestId('quiet-state'), 'ended')
  await fireEvent.click(screen.getByTestId('form'))
  await waitFor(() => expect(asked().at(-1)).toMatchObject({ state: 'current' }))
  expect(screen.queryByTestId('form')).toBeNull()
})
