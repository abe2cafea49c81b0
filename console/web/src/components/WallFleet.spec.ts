import { screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import WallFleet from './WallFleet.vue'

it('says of seven families at most how many are there, and marks those that miss some', () => {
  const family = (n: number, offline: number) => ({ profile: `p${n}`, devices: 10, offline })
  show(WallFleet, { props: { fleet: [family(0, 4), ...Array.from({ length: 8 }, (_, n) => family(n + 1, 0))] } })
  const [first, second, ...rest] = screen.getAllByTestId('wall-family')
  expect(rest).toHaveLength(5)
  expect(first!.textContent).toContain('6 / 10')
  expect(first!.className).toBe('bad')
  expect(second!.className).toBe('')
  expect((within(first!).getByLabelText('p0') as HTMLMeterElement).getAttribute('value')).toBe('60')
})
