import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import RuleLog from './RuleLog.vue'

const row = (more: object) => ({ at: '2026-03-01T00:00:00Z', action: 'promote', version: 2, actor: 'li', reason: '误报太多', detail: null, ...more })

it('says who did what to which version and why, and what became of its memory, in the language of the reader', () => {
  const log = [row({ detail: { memory_zh: '记忆已保留', memory_en: 'Memory kept' } })]
  show(RuleLog, { props: { log } })
  expect(screen.getByRole('listitem').textContent).toMatch(/启用 第 2 版 li.*误报太多.*记忆已保留/)
  show(RuleLog, { props: { log }, lang: 'en' })
  expect(screen.getAllByRole('listitem')[1]!.textContent).toContain('Memory kept')
})

it('gives no reason for what came with the platform', () => {
  show(RuleLog, { props: { log: [row({ actor: 'shipped', action: 'import', reason: 'first import' })] } })
  expect(screen.getByRole('listitem').textContent).toContain('平台自带')
  expect(screen.queryByText('first import')).toBeNull()
})

it('says that nothing was written down yet', () => {
  show(RuleLog, { props: { log: [] } })
  expect(screen.getByText('还没有记录')).toBeTruthy()
})
