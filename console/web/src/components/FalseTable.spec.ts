import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import FalseTable from './FalseTable.vue'

const row = (n: number) => ({ ref: `d${n}`, code: 'FIRE-001', name_zh: n ? `烟感 ${n}` : null, name_en: null, false: 20 - n, judged: 20 })

it('shows the ten worst devices, each by its name and leading to it', () => {
  show(FalseTable, { props: { kind: 'device', rows: Array.from({ length: 12 }, (_, n) => row(n)) } })
  const links = screen.getAllByRole('link')
  expect(links).toHaveLength(10)
  expect([links[0]!.textContent, links[1]!.textContent, links[1]!.getAttribute('href')]).toEqual(['d0', '烟感 1', '/device/d1'])
  expect(links[1]!.closest('tr')!.textContent).toMatch(/19.*20/)
})

it('leads to the rule where it is about rules', () => {
  show(FalseTable, { props: { kind: 'rule', rows: [row(1)] } })
  expect(screen.getByRole('link').getAttribute('href')).toBe('/rule/d1')
  expect(screen.getByRole('heading').textContent).toBe('按规则')
})

it('says that nothing was wrong', () => {
  show(FalseTable, { props: { kind: 'rule', rows: [] } })
  expect(screen.getByText('本期没有误报')).toBeTruthy()
  expect(screen.queryByRole('table')).toBeNull()
})
