import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import RulePage from './RulePage.vue'

const version = (n: number, state: string) => ({ version: n, state, source: `rules:\n  - code: SEC-00${n}\n` })
const RULE = { id: 'r1', versions: [version(3, 'draft'), version(2, 'live'), version(1, 'shadow')], log: [], shadowed: [{}] }
const stubs = {
  RuleSentence: { template: '<i data-testid="sentence">{{ source }}</i>', props: ['source'] },
  VerdictsCard: { template: '<i data-testid="verdicts">{{ rule }}</i>', props: ['rule'] },
  RuleEditor: { template: '<div><textarea data-testid="editor" :value="modelValue" @input="$emit(\'update:modelValue\', $event.target.value)" /><button v-if="save" data-testid="save" @click="$emit(\'saved\', \'r1\', 4)" /><button data-testid="new" @click="$emit(\'saved\', \'r9\', 1)" /></div>', props: ['modelValue', 'save'], emits: ['update:modelValue', 'saved'] },
  RuleBacktest: { template: '<i data-testid="backtest">{{ rule }}|{{ text }}</i>', props: ['rule', 'versions', 'text'] },
  RuleShadow: { template: '<i data-testid="shadow">{{ said.length }}</i>', props: ['said'] },
  RuleVersions: { template: '<button data-testid="from" @click="$emit(\'edit\', \'older text\')" />', props: ['book'], emits: ['edit'] },
  RuleLog: true,
}
function open(role: string, tab = '', id = 'r1', answer: unknown = RULE) {
  const { calls } = serve({ 'GET /api/rules/{rule_id}': answer })
  return { ...show(RulePage, { role, at: `/rule/${id}${tab && `?tab=${tab}`}`, page: { path: '/rule/:id' }, stubs }), calls }
}

it('speaks of the version in force, says which one runs in the shadow, and that others may only read', async () => {
  open('operator')
  await waitFor(() => expect(screen.getByTestId('rule-live').textContent).toBe('已启用 第 2 版'))
  expect(screen.getByRole('heading').textContent).toBe('SEC-002')
  expect(screen.getByText('影子运行 第 1 版')).toBeTruthy()
  expect(screen.getByTestId('sentence').textContent).toContain('SEC-002')
  expect(screen.getByTestId('verdicts').textContent).toBe('r1')
  expect(screen.getByText(/修改由管理员进行/)).toBeTruthy()
})

it('tells a property manager that drafts may be written', async () => {
  open('property')
  expect(await screen.findByText(/可以写草稿/)).toBeTruthy()
})

it('carries a changed text from the editor into the back-test, and an older version into the editor', async () => {
  open('property', 'edit')
  await fireEvent.update(await screen.findByTestId('editor'), 'my text')
  await fireEvent.click(screen.getByTestId('tab-backtest'))
  expect((await screen.findByTestId('backtest')).textContent).toBe('r1|my text')
  await fireEvent.click(screen.getByTestId('tab-versions'))
  await fireEvent.click(await screen.findByTestId('from'))
  expect((await screen.findByTestId<HTMLTextAreaElement>('editor')).value).toBe('older text')
})

it('says that a draft was saved and reads the rule again; an operator cannot save', async () => {
  const { calls, unmount } = open('property', 'edit')
  await fireEvent.click(await screen.findByTestId('save'))
  expect((await screen.findByTestId('rule-note')).textContent).toContain('第 4 版草稿')
  expect(calls('GET')).toHaveLength(2)
  unmount()
  open('operator', 'edit')
  await screen.findByTestId('editor')
  expect(screen.queryByTestId('save')).toBeNull()
})

it('begins a new rule with a text to change, and leads to it once it is saved', async () => {
  const { calls, router } = open('property', '', 'new')
  expect((await screen.findByTestId<HTMLTextAreaElement>('editor')).value).toContain('condition:')
  expect(screen.getAllByRole('tab')).toHaveLength(2)
  expect(calls('GET')).toEqual([])
  await fireEvent.click(screen.getByTestId('new'))
  await waitFor(() => expect(router.currentRoute.value.path).toBe('/rule/r9'))
})

it('says why a rule could not be read', async () => {
  open('operator', '', 'r1', new Refusal(404, { title: 'x', detail: '没有这条规则' }))
  expect((await screen.findByRole('alert')).textContent).toContain('没有这条规则')
  expect(screen.queryByText('正在读取…')).toBeNull()
})
