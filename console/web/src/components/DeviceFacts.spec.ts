import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { usePlaces } from '@/stores/places'
import { Refusal, serve, settled, show } from '@/testing'

import DeviceFacts from './DeviceFacts.vue'

const TEXTS = ['make', 'model', 'serial', 'owner_unit', 'network', 'gb28181_id', 'gateway', 'dialect', 'foreign_name', 'legal_basis', 'retention_days', 'installed_at', 'installed_by', 'maintenance_due', 'purpose', 'x', 'y', 'offline_after_s']
const device = (more = {}) => ({ ...Object.fromEntries(TEXTS.map((key) => [key, null])), id: 'smoke-1', estate: 'E', place: 'E-B1', profile: 'smoke', name_zh: '烟感', name_en: 'Smoke', lifecycle: 'active', version: 4, ...more })
const place = (code: string, kind: string, path: string[]) => ({ code, kind, path, name_zh: `名${code}`, name_en: code, outline: [] })
const PLACES = [place('E', 'estate', ['E']), place('E-B1', 'building', ['E', 'E-B1'])]
const URI = '/api/devices/{device_id}'
const open = (role: string, more = {}, patch: unknown = {}) => {
  const api = serve({ [`PATCH ${URI}`]: patch, 'GET /api/places': { items: PLACES }, 'GET /api/devices': { items: [], next: null } })
  const known = () => PLACES.forEach((one) => usePlaces().byCode.set(one.code, one as never))
  return { ...api, ...show(DeviceFacts, { props: { device: device(more) }, role, known, stubs: { DialectFields: true, PinPicker: true } }) }
}
const fact = (label: string) => screen.queryByText(label)?.nextElementSibling?.textContent

it('shows what is known, a dash for what is not, and of a camera why it may hang there', () => {
  const { unmount } = open('operator', { make: 'acme', offline_after_s: 3600, x: 1.5, y: 2 })
  expect([fact('厂商'), fact('型号'), fact('离线判定'), fact('图上位置（米）')]).toEqual(['acme', '—', '1 小时', '1.5, 2'])
  expect(fact('安装依据')).toBeUndefined()
  unmount()
  open('operator', { profile: 'camera', legal_basis: 'art7_public', retention_days: 30 })
  expect([fact('安装依据'), fact('录像保存（天）')]).toEqual([expect.stringMatching(/./), '30'])
})

it('a manager changes it, for the version that was seen; what is empty is nothing', async () => {
  const { calls, emitted } = open('property', { make: 'acme' })
  await fireEvent.click(screen.getByTestId('facts-edit'))
  await fireEvent.update(screen.getByTestId('fact-make'), ' ')
  await fireEvent.update(screen.getByTestId('fact-serial'), ' SN1 ')
  await fireEvent.submit(screen.getByTestId('facts-save').closest('form')!)
  await settled()
  const { body } = calls('PATCH')[0]![1] as { body: object }
  expect(body).toMatchObject({ make: null, serial: 'SN1', place: 'E-B1', x: null, version: 4, name_zh: '烟感' })
  expect(body, 'no law of cameras for a smoke detector').not.toHaveProperty('legal_basis')
  expect(emitted('changed')).toHaveLength(1)
  expect(screen.queryByTestId('facts-save')).toBeNull()
})

it('stays open with what was typed and says why it was refused', async () => {
  open('property', {}, new Refusal(422, { title: 'no', detail: '序列号重复' }))
  await fireEvent.click(screen.getByTestId('facts-edit'))
  await fireEvent.update(screen.getByTestId('fact-serial'), 'SN1')
  await fireEvent.submit(screen.getByTestId('facts-save').closest('form')!)
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('序列号重复')
  expect(screen.getByTestId<HTMLInputElement>('fact-serial').value).toBe('SN1')
})

it('nobody changes a retired device, an operator none at all', () => {
  const { unmount } = open('operator')
  expect(screen.queryByTestId('facts-edit')).toBeNull()
  unmount()
  open('property', { lifecycle: 'retired' })
  expect(screen.queryByTestId('facts-edit')).toBeNull()
})
