import { cleanup, screen } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'

import { show, stopClock } from '@/testing'

import FieldClock from './FieldClock.vue'

const at = (time: string) => `2026-11-27T${time}Z`
const clock = (name: string, due: string, more = {}) => ({ clock: name, running: true, met_at: null, due_at: at(due), amber_at: null, ...more })
const open = (clocks: object[]) => show(FieldClock, { props: { clocks, since: at('09:40:00') } })

beforeEach(() => stopClock(at('10:00:00')))

it('counts down to the promise that ends next, and leaves out what is kept or stands still', () => {
  open([clock('close', '12:00:00'), clock('arrive', '10:01:30'), clock('sign', '09:50:00', { met_at: at('09:45:00') }), clock('accept', '09:55:00', { running: false })])
  expect(screen.getByTestId('field-clock').textContent).toBe('到场 1:30')
  expect(screen.getByTestId('field-clock').classList).toContain('calm')
})

it('warns before it is too late, and says how late it is', () => {
  open([clock('sign', '10:01:00', { amber_at: at('09:59:00') })])
  expect(screen.getByTestId('field-clock').classList).toContain('amber')
  cleanup()
  open([clock('sign', '09:59:00', { amber_at: at('09:50:00') })])
  expect(screen.getByTestId('field-clock').textContent).toContain('超时 1:00')
  expect(screen.getByTestId('field-clock').classList).toContain('red')
})

it('says how long ago it was sent where nothing is promised', () => {
  const { container } = open([])
  expect(container.textContent).toBe('20 分钟前')
})
