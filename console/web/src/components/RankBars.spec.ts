import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import RankBars from './RankBars.vue'

const bars = () => screen.getAllByRole('listitem').map((row) => `${row.textContent} ${row.querySelectorAll('rect')[1]!.getAttribute('width')}`)

it('measures each by the greatest, with its name and number beside it', () => {
  show(RankBars, { props: { label: '告警类型', rows: [{ name: '烟雾', n: 40 }, { name: '求助', n: 10 }, { name: '门磁', n: 0 }] } })
  expect(screen.getByRole('figure').querySelector('figcaption')!.textContent).toBe('告警类型')
  expect(bars()).toEqual(['烟雾40 100', '求助10 25', '门磁0 0'])
})

it('draws no bar where all are nothing', () => {
  show(RankBars, { props: { label: '', rows: [{ name: '烟雾', n: 0 }] } })
  expect(bars()).toEqual(['烟雾0 0'])
})
