import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import RulesPage from './RulesPage.vue'

const rule = (id: string, more = {}) => ({ id, code: id, severity: 1, name_zh: `名${id}`, name_en: id, live: 2, shadow: null, newest: 2, origin: 'shipped', author: 'shipped', live_at: null, ...more })
const RULES = [rule('FIRE-001'), rule('SEC-002', { newest: 4, shadow: 3, origin: 'local', author: 'li' }), rule('SEC-003', { live: null, newest: 1, origin: null, author: null })]
function open(role: string, answer: unknown = { items: RULES }) {
  serve({ 'GET /api/rules': answer })
  return show(RulesPage, { role })
}
const shown = () => screen.queryAllByTestId('rule-row').map((row) => row.dataset['ruleId'])
const chips = (row: HTMLElement) => [...row.querySelectorAll('.chips .chip')].map((chip) => chip.textContent)

it('says of each rule whether it is in force, in the shadow or has a newer draft', async () => {
  open('operator')
  const [first, second, third] = await screen.findAllByTestId('rule-row')
  expect(chips(first!)).toEqual(['已启用'])
  expect(chips(second!)).toEqual(['已启用', '影子运行', '有新草稿'])
  expect(chips(third!)).toEqual(['未启用', '有新草稿'])
  expect(within(second!).getByText('本地修改')).toBeTruthy()
  expect(screen.queryByTestId('rule-new')).toBeNull()
})

it('finds a rule by its state and its name, and opens it', async () => {
  const { router } = open('property')
  await screen.findAllByTestId('rule-row')
  expect(screen.getByTestId('rule-new').getAttribute('href')).toBe('/rule/new')
  await fireEvent.update(screen.getByTestId('rule-state'), 'draft')
  expect(shown()).toEqual(['SEC-002', 'SEC-003'])
  await fireEvent.update(screen.getByTestId('rule-q'), '名sec-003')
  expect(shown()).toEqual(['SEC-003'])
  await fireEvent.click(screen.getByTestId('rule-row'))
  await waitFor(() => expect(router.currentRoute.value.path).toBe('/rule/SEC-003'))
})

it('tells none found from none read', async () => {
  open('operator', { items: [] })
  expect(await screen.findByText('没有符合条件的规则')).toBeTruthy()
  open('operator', new Refusal(503, { title: 'x', detail: '数据库忙' }))
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
  expect(screen.getAllByText('没有符合条件的规则')).toHaveLength(1)
})
