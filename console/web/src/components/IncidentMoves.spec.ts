import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { useIncidents } from '@/stores/incidents'
import { show } from '@/testing'

import IncidentMoves from './IncidentMoves.vue'

const move = (action: string, needs: string[] = [], why: string | null = null) => ({ action, needs, why })
const CASE = { id: 9, state: 'handling', version: 3, place: 'B1', estate: 'E', lead_org: 'police', outcome: null, cause: null, wish: null, moves: [move('urge'), move('report_back', ['result']), move('arrive'), move('verify', [], 'own_work')] }

function open(more = {}) {
  const page = show(IncidentMoves, { props: { incident: { ...CASE, ...more } }, role: 'operator' })
  return { ...page, moved: vi.spyOn(useIncidents(), 'move').mockResolvedValue({} as never) }
}

it('does at once what needs no words, as the case was seen', async () => {
  const { moved, emitted } = open()
  await fireEvent.click(screen.getByTestId('incident-action-arrive'))
  expect(moved).toHaveBeenCalledWith(9, { action: 'arrive', version: 3 })
  await waitFor(() => expect(emitted('moved')).toHaveLength(1))
})

it('shows steps forward before those aside, and why another is shut', () => {
  open()
  expect(screen.getAllByRole('button').map((button) => button.textContent!.trim())).toEqual(['反馈结果', '到场', '催办'])
  expect(screen.getByTestId('incident-shut').textContent).toMatch(/暂不可办 · 1.*核查通过：own_work/)
})

it('keeps what is being written when the case is heard of again, until it stands elsewhere', async () => {
  const { rerender } = open()
  await fireEvent.click(screen.getByTestId('incident-action-report_back'))
  await fireEvent.update(screen.getByTestId('incident-reason'), '已处置')
  await rerender({ incident: { ...CASE, version: 4 } })
  expect(screen.getByTestId<HTMLInputElement>('incident-reason').value).toBe('已处置')
  await rerender({ incident: { ...CASE, state: 'suspended' } })
  expect(screen.queryByTestId('incident-form')).toBeNull()
})

it('says that others go on, that it is done, and what somebody wishes', async () => {
  const { rerender } = open({ moves: [move('urge')], wish: { kind: 'extension', by: '李', reason: '等配件', hours: 2 } })
  expect(screen.getByText(/下一步须由其他人员完成/)).toBeTruthy()
  expect(screen.getByTestId('incident-wish').textContent).toContain('申请延期 2 小时 — 李：等配件')
  await rerender({ incident: { ...CASE, moves: [] } })
  expect(screen.getByText('已办结，没有下一步')).toBeTruthy()
})
