import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, agree, serve, show } from '@/testing'

import PointsRow from './PointsRow.vue'

const ENTRY = { id: 8, holder: '李雷', holder_kind: 'volunteer', family: '3-502', points: 5, rule_zh: '助人', rule_en: 'Help', reason: '扶老人', place: 'E', stand: 'proposed', proposed_by: 'wang', at: '2026-11-27T10:00:00Z', reviews: [{ step: 1, by: 'zhao', decision: 'approve', note: '属实' }], corrects: null, corrected_by: null }
const [REVIEW, CORRECT] = ['POST /api/points/{entry_id}/reviews', 'POST /api/points/{entry_id}/corrections']
const table = { components: { PointsRow }, props: ['entry'], emits: ['changed'], template: '<table><tbody><PointsRow :entry="entry" @changed="$emit(\'changed\')" /></tbody></table>' }
const open = (more: object, role: string, answers = {}) => ({ ...serve(answers), ...show(table, { props: { entry: { ...ENTRY, ...more } }, role }) })
const buttons = () => [...screen.getByTestId('points-entry').querySelectorAll('.buttons')].filter((one) => !one.closest('dialog')).flatMap((one) => [...one.children].map((button) => button.textContent))

it('says what for, who proposed it and what the reviews said', () => {
  open({ corrects: 3 }, 'auditor')
  expect(screen.getByTestId('points-entry').textContent).toMatch(/李雷 志愿者3-502\+5助人扶老人 更正 #3E待一审提出人：wang .*zhao ✓ 属实/)
  expect(buttons()).toEqual([])
})

it('offers the step that comes next, and publication to who leads only', () => {
  const seen = (stand: string, role: string, more = {}) => {
    const { unmount } = open({ stand, ...more }, role)
    const found = buttons()
    unmount()
    return found
  }
  expect(seen('proposed', 'property')).toEqual(['同意', '不同意'])
  expect(seen('reviewed', 'operator', { proposed_by: 'me' })).toEqual([]) // two others review
  expect(seen('reviewed', 'operator', { reviews: [{ ...ENTRY.reviews[0]!, by: 'me' }] })).toEqual([])
  expect(seen('approved', 'shift_leader')).toEqual(['公示', '不同意'])
  expect(seen('approved', 'operator')).toEqual([])
  expect(seen('published', 'operator')).toEqual(['更正'])
  expect(seen('published', 'operator', { corrected_by: 9 })).toEqual([])
  expect(seen('refused', 'operator')).toEqual([])
})

it('agrees at once, refuses for a reason, and says where it may not', async () => {
  const { calls, emitted } = open({}, 'operator', { [REVIEW]: ({ body }: { body: { decision: string } }) => (body.decision === 'approve' ? new Refusal(403, { title: '', detail: '您是提出人', status: 403 }) : {}) })
  await fireEvent.click(screen.getByTestId('points-approve'))
  expect((await screen.findByRole('alert')).textContent).toContain('您是提出人')
  await fireEvent.click(screen.getByText('不同意', { selector: 'span > button' }))
  await agree('不属实')
  await waitFor(() => expect(emitted('changed')).toHaveLength(2))
  expect(calls('POST').map(([, wish]) => wish!['body'])).toEqual([{ decision: 'approve', note: '' }, { decision: 'refuse', note: '不属实' }])
})

it('corrects what is published by an entry of its own', async () => {
  const { calls, emitted } = open({ stand: 'published' }, 'operator', { [CORRECT]: {} })
  await fireEvent.click(screen.getByText('更正', { selector: 'span > button' }))
  await agree('重复')
  await waitFor(() => expect(emitted('changed')).toHaveLength(1))
  expect(calls('POST')[0]).toMatchObject(['/api/points/{entry_id}/corrections', { params: { path: { entry_id: 8 } }, body: { reason: '重复' } }])
})
