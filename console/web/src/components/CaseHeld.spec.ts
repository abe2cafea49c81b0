import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import CaseHeld from './CaseHeld.vue'

const alert = (more = {}) => ({ id: 7, code: 'FIRE-001', state: 'open', device: 'smoke-1', place: 'EST1', drill: false, held_by: null, hush_reason: null, muted_until: null, ...more })
const open = (more = {}, detail: object | null = null) => show(CaseHeld, { props: { alert: alert(more), detail } })

it('says what keeps it off the list, and that a drill tells no 119', () => {
  open({ state: 'suppressed', held_by: { kind: 'alert', code: 'GAS-001' }, drill: true })
  expect(screen.getByTestId('held-by').textContent).toContain('GAS-001')
  expect(screen.getByTestId('drill').textContent).toContain('不通知 119')
})

it('leads to what it keeps off the list itself', () => {
  open({}, { held_back: [{ id: 9, code: 'GAS-001', place: 'R1', raised_at: new Date().toISOString() }] })
  expect(screen.getByTestId('held-back').textContent).toContain('已抑制 1 条')
  expect(screen.getByRole('link', { name: 'GAS-001 R1', hidden: true }).getAttribute('href')).toBe('/watch/9')
})

it('asks for quiet at the device, or at the place where no device is', () => {
  const { unmount } = open({}, { held_back: [] })
  expect(screen.getByTestId('ask-quiet').getAttribute('href')).toBe('/quiet?scope=smoke-1')
  for (const one of ['held-by', 'drill', 'held-back']) expect(screen.queryByTestId(one)).toBeNull()
  unmount()
  open({ device: null })
  expect(screen.getByTestId('ask-quiet').getAttribute('href')).toBe('/quiet?scope=EST1')
})
