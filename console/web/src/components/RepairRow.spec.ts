import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, agree, serve, show, stopClock } from '@/testing'

import RepairRow from './RepairRow.vue'

const REPAIR = { id: 4, kind: 'repair', state: 'open', device: 'smoke-1', name_zh: '烟感', name_en: 'Smoke', advice_zh: '清灰', advice_en: 'Clean it', facts: { false_alarms: 3, days: 7 }, rule: 'FIRE-001', assignee: null, note: '', moved_at: '2026-11-27T09:00:00Z', legal: ['assign', 'dismiss'], version: 2 }
const table = { components: { RepairRow }, props: ['repair'], emits: ['changed'], template: '<table><tbody><RepairRow :repair="repair" @changed="$emit(\'changed\')" /></tbody></table>' }
const open = (role: string, answer: unknown = {}) => ({ ...serve({ 'POST /api/repairs/{repair_id}/actions': answer }), ...show(table, { props: { repair: REPAIR }, role }) })

it('says what to do about which device, and why; who only reads gets no button', () => {
  stopClock('2026-11-27T10:00:00Z')
  open('auditor')
  expect(screen.getByTestId('repair').textContent).toMatch(/烟感smoke-1清灰7 天内误报 3 次 · FIRE-001待处理.*1 小时前/)
  expect(screen.getByRole('link').getAttribute('href')).toBe('/device/smoke-1')
  expect(screen.queryByTestId('repair-assign')).toBeNull()
})

it('is given to somebody, as it was seen', async () => {
  const { calls, emitted } = open('property')
  await fireEvent.click(screen.getByTestId('repair-assign'))
  expect(screen.getByTestId('confirm').textContent).toContain('指派给谁？')
  await agree('老李')
  await waitFor(() => expect(emitted('changed')).toHaveLength(1))
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { repair_id: 4 } }, body: { action: 'assign', assignee: '老李', version: 2 } })
})

it('says why it could not be set aside', async () => {
  const { calls } = open('operator', new Refusal(409, { title: '已被处理', status: 409 }))
  await fireEvent.click(screen.getByTestId('repair-dismiss'))
  await agree('不用')
  expect((await screen.findByRole('alert')).textContent).toContain('已被处理')
  expect(calls('POST')[0]![1]).toMatchObject({ body: { action: 'dismiss', note: '不用', version: 2 } })
})
