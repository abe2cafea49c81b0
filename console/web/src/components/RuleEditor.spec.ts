import { fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { Refusal, serve, show } from '@/testing'

import RuleEditor from './RuleEditor.vue'

const FAULT = { line: 2, column: 3, problem: 'unknown key', problem_zh: '没有这个键' }
const GOOD = { errors: [], rules: ['FIRE-001'] }
const button = (id: string) => screen.getByTestId<HTMLButtonElement>(id)

function open(answer: unknown, save: unknown = null, text = 'id: A\nfrom: 1') {
  const api = serve({ 'POST /api/rules/validate': answer })
  return { ...api, ...show(RuleEditor, { props: { save, modelValue: text }, stubs: { RuleSentence: { props: ['source'], template: '<i data-testid="said">{{ source }}</i>' } } }) }
}
/** The pause after the last key, and the server's answer. */
const checked = async () => {
  await vi.advanceTimersByTimeAsync(350)
  await nextTick()
}
beforeEach(() => void vi.useFakeTimers())

it('is checked once after a pause, and says it in words where it is sound', async () => {
  const { calls, rerender } = open(GOOD)
  expect(screen.getByText('正在校验…')).toBeTruthy()
  await vi.advanceTimersByTimeAsync(200)
  await rerender({ modelValue: 'id: B' })
  await checked()
  expect(calls('POST').map(([, wish]) => wish!['body'])).toEqual([{ source: 'id: B' }])
  expect(screen.getByTestId('rule-valid').textContent).toBe('文本无误：FIRE-001')
  expect(screen.getByTestId('said').textContent).toBe('id: B')
})

it('leads to a fault, and keeps nothing that has one', async () => {
  open({ errors: [FAULT], rules: [] }, vi.fn())
  await checked()
  expect(screen.getByTestId('rule-source').getAttribute('aria-invalid')).toBe('true')
  expect(screen.getByTestId('rule-faults').textContent).toContain('第 2 行第 3 列 没有这个键')
  await fireEvent.click(screen.getByText('第 2 行第 3 列'))
  expect(screen.getByTestId<HTMLTextAreaElement>('rule-source').selectionStart).toBe(8)
  expect([button('rule-save').disabled, button('rule-try').disabled]).toEqual([true, true])
})

it('keeps it as a draft for a reason, and tells which version it became', async () => {
  const save = vi.fn().mockResolvedValue({ id: 'FIRE-001', version: 4 })
  const { emitted } = open(GOOD, save)
  await checked()
  await fireEvent.update(screen.getByTestId('rule-reason'), ' 误报多 ')
  await fireEvent.click(button('rule-save'))
  await nextTick()
  expect(save).toHaveBeenCalledWith('id: A\nfrom: 1', '误报多')
  expect(emitted('saved')).toEqual([['FIRE-001', 4]])
  expect(screen.getByTestId<HTMLInputElement>('rule-reason').value).toBe('')
})

it('keeps no empty text', async () => {
  open(GOOD, vi.fn(), '')
  await checked()
  expect([button('rule-save').disabled, button('rule-try').disabled, screen.queryByTestId('said')]).toEqual([true, true, null])
})

it('is read only for others, says what the server said, and of no text nothing', async () => {
  const { rerender } = open(new Refusal(403, { title: '', detail: '无此权限', status: 403 }))
  await checked()
  expect(screen.queryByTestId('rule-save')).toBeNull()
  expect(screen.getByText(/无此权限/)).toBeTruthy()
  await rerender({ modelValue: '' })
  await checked()
  expect(screen.queryByText('正在校验…') ?? screen.queryByText(/无此权限/) ?? screen.queryByTestId('rule-valid')).toBeNull()
})
