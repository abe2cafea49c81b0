import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import ThresholdCard from './ThresholdCard.vue'

const param = (name: string, more: object) => ({ param: name, value: 3, shipped: 3, inherited: 3, own: false, from_scope: 'rule', from_zh: '', from_en: '', inherited_zh: '', inherited_en: '', author: null, reason: null, at: null, ...more })
const rule = { rule: 'r1', code: 'FIRE-001', name_zh: '烟雾', name_en: 'Smoke', severity: 1, params: [param('times', {}), param('level', { value: 9, own: true, from_scope: 'B1', author: 'li', reason: '灰尘多', at: '2026-03-01T00:00:00Z' }), param('people', { value: 5, from_scope: 'E1', from_zh: '小区', from_en: 'Estate' })] }
const open = (role = 'property') => show(ThresholdCard, { props: { rule, scope: 'B1', scopeName: '1 栋' }, role })
const at = (name: string) => within(screen.getByTestId(`param-${name}`))

it('says of each number where it came from, who set it and what it would fall back to', () => {
  open()
  expect(at('times').getByText('规则默认值')).toBeTruthy()
  expect(at('people').getByText('来自 小区')).toBeTruthy()
  expect(screen.getByTestId('param-level').textContent).toMatch(/9.*在此设置.*li：灰尘多（默认 3）.*恢复后：3（规则默认值）/)
})

it('sends a number with its reason, and no text that is no number', async () => {
  const { calls } = serve({ 'POST /api/thresholds': { items: [rule] } })
  const { emitted } = open()
  await fireEvent.click(at('times').getByTestId('threshold-edit'))
  const save = screen.getByTestId('threshold-save') as HTMLButtonElement
  await fireEvent.update(screen.getByTestId('threshold-value'), '三')
  expect(save.disabled).toBe(true)
  await fireEvent.update(screen.getByTestId('threshold-value'), '4')
  await fireEvent.update(screen.getByTestId('threshold-reason'), ' 太敏感 ')
  await fireEvent.submit(save.closest('form')!)
  await waitFor(() => expect(emitted('changed')).toEqual([[rule]]))
  expect(calls('POST')[0]).toMatchObject(['/api/thresholds', { body: { rule: 'r1', scope: 'B1', param: 'times', value: 4, reason: '太敏感' } }])
  expect(screen.queryByTestId('threshold-save')).toBeNull()
})

it('takes back what was set here, for a reason, and stays open where that is refused', async () => {
  const { calls } = serve({ 'POST /api/thresholds/drop': new Refusal(403, { title: 'x', detail: '不在辖区' }) })
  open()
  await fireEvent.click(at('level').getByTestId('threshold-edit'))
  const drop = screen.getByTestId('threshold-drop') as HTMLButtonElement
  expect(drop.disabled).toBe(true)
  await fireEvent.update(screen.getByTestId('threshold-reason'), '已清洁')
  await fireEvent.click(drop)
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(calls('POST')[0]![1]!['body']).toEqual({ rule: 'r1', scope: 'B1', param: 'level', reason: '已清洁' })
})

it('gives an operator no button to change it', () => {
  open('operator')
  expect(screen.queryByTestId('threshold-edit')).toBeNull()
})
