import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { AlertDetail } from '@/api/types'
import { i18n } from '@/i18n'

import CaseWhy from './CaseWhy.vue'

const SOURCE = `rules:
  - code: FIRE-009
    subject: building
    params: { n: 2 }
    condition: { kind: distinct, of: device, at_least: $n, within: 3m, when: { smoke: data.alarm && !data.test } }
`
const chain = {
  alert: 3, code: 'FIRE-009', rule: 'FIRE-009', rule_version: 1, rule_source: SOURCE, reason: 'enough_distinct', values: { distinct: 2, window_s: 180 },
  predicates: { smoke: ['data.alarm && !data.test'] }, window: { fired: true }, silences: [],
  events: [{ id: '1', device: 's-1', type: 'smoke', at: '2026-03-01T03:00:00+08:00', received_at: '2026-03-01T03:00:00+08:00', data: { alarm: true, density: 6.5 }, flags: [] }],
}

beforeEach(() => {
  setActivePinia(createPinia())
  vi.spyOn(api, 'GET').mockResolvedValue({ data: chain, response: new Response() } as never)
})

async function open(): Promise<void> {
  const alert = { id: 3, version: 1 } as AlertDetail
  const view = render(CaseWhy, { props: { alert }, global: { plugins: [i18n], stubs: { RouterLink: true } } })
  const details = view.getByTestId('why') as HTMLDetailsElement
  details.open = true
  await fireEvent(details, new Event('toggle'))
  await screen.findByTestId('why-chain')
}

it('says in plain words why, and keeps the rule\'s own code behind a fold', async () => {
  await open()
  expect(screen.getByTestId('why-chain').textContent).toContain('3 分钟内有 2 个不同对象即告警')
  expect(screen.getByTestId('why-events').textContent).toContain('检测到烟雾')
  const fold = screen.getByTestId('why-tests') as HTMLDetailsElement
  expect(fold.open).toBe(false)
  for (const code of screen.getByTestId('why-chain').querySelectorAll('code')) expect(fold.contains(code)).toBe(true)
})

it('has a word for each figure in Chinese', async () => {
  await open()
  const figures = screen.getByTestId('why-chain').querySelector('.figures')!.textContent!
  expect(figures).toContain('不同设备或人数')
  expect(figures).not.toMatch(/[a-z]{3,}/)
})
