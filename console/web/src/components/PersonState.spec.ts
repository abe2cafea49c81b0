import { screen } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'

import { show, stopClock } from '@/testing'

import PersonState from './PersonState.vue'

const at = (time: string) => `2026-11-27T${time}:00Z`
const open = (person: object) => show(PersonState, { props: { person: { state: 'on_scene', state_late: false, ...person } } }).container.textContent

beforeEach(() => stopClock(at('10:00')))

it('says what somebody does, since when and on which case', () => {
  expect(open({ state_since: at('09:40'), incident_id: 7 })).toBe('在现场20 分钟前#7')
  expect(screen.getByRole('link').getAttribute('href')).toBe('/incidents/7')
})

it('warns of a state that lasts too long', () => {
  expect(open({ state_late: true })).toBe('在现场在此状态已久')
})

it('warns louder of somebody alone who does not answer', () => {
  expect(open({ state_late: true, overdue_at: at('09:50') })).toBe('在现场独自在场，未报平安')
})
