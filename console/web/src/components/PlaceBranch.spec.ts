import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { usePlaces } from '@/stores/places'
import { useStaff } from '@/stores/staff'
import { show } from '@/testing'

import PlaceBranch from './PlaceBranch.vue'

const place = (code: string, kind: string, parent: string | null) => ({ code, kind, parent, name_zh: `名${code}`, name_en: code, path: [] })
const TREE = [place('T', 'town', null), place('E', 'estate', 'T'), place('B', 'building', 'E')]
const open = () => show(PlaceBranch, { props: { place: TREE[0] }, known: () => TREE.forEach((one) => usePlaces().byCode.set(one.code, one as never)) })
const shown = () => screen.getAllByTestId('place-open').map((link) => link.textContent)

it('stands unfolded down to the estates, which are opened by hand', async () => {
  open()
  expect(shown()).toEqual(['名T', '名E'])
  const [town, estate] = screen.getAllByRole('button', { name: '展开或收起' })
  expect([town!, estate!].map((fold) => fold.getAttribute('aria-expanded'))).toEqual(['true', 'false'])
  await fireEvent.click(estate!)
  expect(shown()).toEqual(['名T', '名E', '名B'])
  await fireEvent.click(town!)
  expect(shown()).toEqual(['名T'])
})

it('leads to the place, and says its official code and what belongs to it', async () => {
  open()
  useStaff().organisation = { counts: { T: { people: 3, resources: 2, devices: 40 } }, divisions: { T: '510681001' } } as never
  await nextTick()
  expect(screen.getAllByTestId('place-open')[0]!.getAttribute('href')).toBe('/place/T')
  const [town, estate] = [...document.querySelectorAll('.row')].map((row) => row.textContent)
  expect(town).toContain('名T510681001 3 人 · 2 资源 · 40 设备'.replace(' ', ''))
  expect(estate).toBe('▸名EE')
})
