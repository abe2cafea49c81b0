import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCatalogue } from '@/stores/catalogue'
import { show } from '@/testing'

import CaseEvidence from './CaseEvidence.vue'

const event = (id: string, more = {}) => ({ id, device: 'smoke-1', type: 'smoke', at: '2026-01-01T00:00:00Z', received_at: '2026-01-01T00:00:01Z', data: { alarm: true }, flags: [], ...more })
const detail = (more = {}) => ({ id: 7, code: 'FIRE-001', reason: 'smoke_alarm', rule: 'fire-1', device: 'smoke-1', explain: { window_s: 60 }, device_info: null, events: [], ...more })
const open = (more = {}) =>
  show(CaseEvidence, {
    props: { detail: detail(more) },
    stubs: { EventPlate: true, SnapshotImage: { props: ['path', 'alert'], template: '<i>{{ path }} for {{ alert }}</i>' } },
    known: () => (useCatalogue().words = { alerts: [{ code: 'FIRE-001', confirm_required: true, roles: ['X1', 'X2'] }], orgs: [{ code: 'X1', name_zh: '消防', name_en: 'Fire' }, { code: 'X2', name_zh: '物业', name_en: 'PM' }], reasons: { smoke_alarm: { zh: '烟感报警', en: 'Smoke' } } } as never),
  })

it('says why, that somebody must confirm, by which rule, and who should be told', () => {
  open()
  expect(screen.getByTestId('reason').textContent).toMatch(/烟感报警.*须人工确认/)
  expect(screen.getByTestId('figures').textContent).toMatch(/1 分钟.*规则fire-1/)
  expect(screen.getByTestId('roles').textContent).toBe('应通知 消防、物业')
  expect(screen.getByText('没有关联消息')).toBeTruthy()
})

it('says of a message that it came late, from another device, and shows its picture for this alert', () => {
  open({ events: [event('1'), event('2', { device: 'cam-1', received_at: '2026-01-01T00:01:00Z', data: { snapshot: 'E/1.jpg' } })] })
  const [own, other] = screen.getAllByTestId('event-row')
  expect(own!.textContent).not.toMatch(/收到晚|smoke-1/)
  expect(other!.textContent).toMatch(/收到晚 1 分钟.*E\/1\.jpg for 7.*cam-1/s)
})

it('a long list scrolls in a box that the keyboard reaches', () => {
  open({ events: Array.from({ length: 9 }, (_, n) => event(String(n))) })
  expect(screen.getByRole('list', { name: '触发消息' }).tabIndex).toBe(0)
})

it('does not call a device offline of which nothing is known', () => {
  const { unmount, container } = open({ device_info: { id: 'smoke-1', name_zh: '烟感', name_en: 'S', online: null, last_seen: null } })
  expect(container.querySelector('.online')!.className).toContain('unknown')
  unmount()
  expect(open({ device_info: { id: 'smoke-1', name_zh: '烟感', name_en: 'S', online: false, last_seen: null } }).container.querySelector('.online')!.className).toContain('offline')
})
