import { fireEvent, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { show } from '@/testing'

import PointsTotals from './PointsTotals.vue'

const place = (code: string, own: boolean) => ({ code, own, name_zh: `名${code}`, name_en: code, points: 3, earned: 5, lost: -2, holders: 4 })
const row = (name: string, kind: string, points = 1) => ({ name, kind, points, entries: 2 })
const TOTALS = { places: [place('T', true), place('E', false)], holders: [row('李雷', 'volunteer', 9), row('李雷', 'leader', 7)], families: [] }

it('leads down the places, not to the one that is looked at', async () => {
  const { emitted } = show(PointsTotals, { props: { totals: TOTALS } })
  expect(screen.getAllByRole('button').map((button) => button.textContent)).toEqual(['名E'])
  expect(screen.getByTestId('points-places').textContent).toMatch(/名T35-24名E35-24$/)
  await fireEvent.click(screen.getByRole('button'))
  expect(emitted('go')).toEqual([['E']])
})

it('keeps two people of one name apart, and says that a list is empty', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const { rerender } = show(PointsTotals, { props: { totals: { ...TOTALS, holders: [row('韩梅', 'volunteer'), ...TOTALS.holders, row('王', 'volunteer')] } } })
  await rerender({ totals: { ...TOTALS, holders: [...TOTALS.holders, row('赵', 'volunteer')] } })
  expect(screen.getAllByRole('listitem').map((one) => one.textContent)).toEqual(['李雷 志愿者9条数 2', '李雷 楼栋长等三长7条数 2', '赵 志愿者1条数 2'])
  expect(warned).not.toHaveBeenCalled()
  expect(screen.getByText('没有条目')).toBeTruthy()
})
