import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import AdvisedPerson from './AdvisedPerson.vue'

const reason = (why: string, value: unknown = null, adds_s = 0) => ({ why, value, adds_s })
const person = (more = {}) => ({ person: 'p1', name: '张三', org: '网格一', place: 'EST1', place_zh: '幸福里', place_en: 'Happy', neighbour: false, fit: true, eta_s: 300, position: null, reasons: [], ...more })
const open = (more = {}) => (show(AdvisedPerson, { props: { person: person(more) } }), screen.getByTestId('advised'))

it('says how long somebody needs, and every reason with what it adds', () => {
  const text = open({ reasons: [reason('distance', 1500), reason('busy', 2, 600), reason('responsible', 'EST1'), reason('elsewhere', 'EST2')] }).textContent
  expect(text).toContain('约 5 分')
  expect(text).toMatch(/距离 1\.5/)
  expect(text).toMatch(/手上有任务 2 件 ?\+10 分/)
  expect(text).toContain('本片区责任人 幸福里')
  expect(text).toContain('负责其他片区 EST2')
})

it('gives no time for somebody who cannot go, and marks why', () => {
  const row = open({ fit: false, neighbour: true, reasons: [reason('on_leave')] })
  expect(row.textContent).not.toContain('约')
  expect(row.textContent).toContain('外区')
  expect(screen.getByText(/请假/).className).toContain('bad')
})
