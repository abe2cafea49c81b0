import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import RepairsPage from './RepairsPage.vue'

const NEEDS = { repairs: 2, hints: 1, supervised: 0, waiting: 0, unrated: 3, points: 0 }
const HINT = { device: 'd1', name_zh: '烟感', name_en: 'Smoke', rule: 'r1', code: 'FIRE-001', false_alarms: 5, days: 7, advice_zh: '清洁探头', advice_en: 'Clean it', due: true }
const RepairRow = { template: '<tr><td><button data-testid="repair" @click="$emit(\'changed\')">{{ repair.id }}</button></td></tr>', props: ['repair'], emits: ['changed'] }
function open(answers: object = {}) {
  const { calls } = serve({ 'GET /api/repairs': { items: [{ id: 9 }] }, 'GET /api/needs-me': NEEDS, 'GET /api/hints': [HINT], ...answers })
  show(RepairsPage, { role: 'operator', stubs: { RepairRow } })
  return (path: string) => calls('GET').filter(([one]) => one === path)
}

it('says what needs me and leads there, and what the false alarms ask for', async () => {
  open()
  const hint = await screen.findByText('烟感')
  expect(hint.getAttribute('href')).toBe('/device/d1')
  expect(hint.closest('li')!.textContent).toMatch(/FIRE-001 7 天内误报 5 次：清洁探头 已生成工单/)
  const needs = [...screen.getByTestId('needs-me').querySelectorAll('a')]
  expect(needs.map((one) => one.getAttribute('href'))).toEqual(['/repairs', '/repairs', '/incidents', '/incidents', '/incidents', '/points'])
  expect(needs[4]!.textContent).toBe('3 待评价')
})

it('counts again once one is done, and asks for the closed ones', async () => {
  const asked = open()
  await fireEvent.click(await screen.findByTestId('repair'))
  await waitFor(() => expect(asked('/api/needs-me')).toHaveLength(2))
  await fireEvent.update(screen.getByTestId('repair-state'), 'closed')
  await waitFor(() => expect(asked('/api/repairs').at(-1)).toMatchObject(['/api/repairs', { params: { query: { state: 'closed' } } }]))
})

it('does not say that nothing was false where that could not be read', async () => {
  open({ 'GET /api/hints': new Refusal(503, { title: 'x', detail: '数据库忙' }) })
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
  expect(screen.queryByText('近 7 天没有误报')).toBeNull()
})
