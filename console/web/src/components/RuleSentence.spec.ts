import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import RuleSentence from './RuleSentence.vue'

const RULE = `rules:
  - code: SEC-090
    subject: device
    condition:
      kind: held
      for: $after
      when: {gate.door: data.state == 'open'}
    params: {after: 90s}
    ends: false
    roles: [PM]
    confirm_required: true
    sla: {accept: 30m, arrive: 1h}
`

it('says in plain words when it alerts, whom it tells and what it promises', () => {
  show(RuleSentence, { props: { source: RULE } })
  const said = screen.getByTestId('rule-sentence').textContent
  expect(said).toContain('逐台设备判断 状态持续 90 秒 即告警')
  expect(said).toMatch(/条件.*data\.state == 'open'/)
  expect(screen.getAllByRole('listitem').map((line) => line.textContent)).toEqual(['条件结束只作记录，由人工关闭', '通知 PM', '须人工确认', '接警 30 分钟，到场 1 小时'])
  expect(said).toContain('可由物业调整 after = 90s')
})

it('is one line where it is brief', () => {
  show(RuleSentence, { props: { source: RULE, brief: true } })
  expect(screen.getByText('逐台设备判断 状态持续 90 秒 即告警').tagName).toBe('P')
  expect(screen.queryByRole('listitem')).toBeNull()
})

it('says that a text is no rule, and is silent where it is brief', () => {
  show(RuleSentence, { props: { source: 'rules: [' } })
  expect(screen.getByText(/无法转成句子/)).toBeTruthy()
  const { container } = show(RuleSentence, { props: { source: 'rules: [', brief: true } })
  expect(container.textContent).toBe('')
})
