import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import WallGoals from './WallGoals.vue'

const kpi = (id: string, met: boolean | null, more = {}) => ({ id, name_zh: id, name_en: id, unit: 'percent', value: 90, target: 95, better: 'high', met, ...more })

it('puts missed goals first, met ones next, and leaves out what has no target', () => {
  show(WallGoals, { props: { board: { kpis: [kpi('met', true), kpi('none', null, { target: null }), kpi('empty', null, { value: null }), kpi('missed', false, { better: 'low' })] } } })
  expect(screen.getAllByTestId('wall-goal').map((one) => one.textContent!.replace(/\s+/g, ' '))).toEqual(['missed✗ 90%≤ 95%', 'met✓ 90%≥ 95%', 'empty本月无数据≥ 95%'])
})

it('shows five at most, and says where there is none', () => {
  show(WallGoals, { props: { board: { kpis: Array.from({ length: 6 }, (_, n) => kpi(`k${n}`, true)) } } })
  expect(screen.getAllByTestId('wall-goal')).toHaveLength(5)
  const { container } = show(WallGoals, { props: { board: null } })
  expect(container.querySelector('p.muted')).toBeTruthy()
})
