import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCatalogue } from '@/stores/catalogue'
import { Refusal, serve, settled, show } from '@/testing'

import DeviceForm from './DeviceForm.vue'

const place = (code: string, kind: string, path: string[]) => ({ code, kind, path, name_zh: `名${code}`, name_en: code, outline: [] })
const PLACES = { items: [place('E', 'estate', ['E']), place('E-B1', 'building', ['E', 'E-B1'])] }
const made = (more = {}) => ({ id: 'smoke-1', estate: 'E', dialect: null, credentials: null, ...more })
const open = (answer: unknown, props = {}) => {
  const api = serve({ 'GET /api/places': PLACES, 'GET /api/devices': { items: [], next: null }, 'POST /api/devices': answer })
  const known = () => (useCatalogue().words = { profiles: [{ family: 'smoke', name_zh: '烟感', name_en: 'Smoke' }] } as never)
  return { ...api, ...show(DeviceForm, { props, known, stubs: { DialectFields: true, PinPicker: true } }) }
}
async function fill(): Promise<void> {
  await screen.findByText('名E')
  for (const [field, value] of [['id', 'smoke-1'], ['profile', 'smoke'], ['estate', 'E'], ['name-zh', '烟感']] as const) await fireEvent.update(screen.getByTestId(`device-${field}`), value)
  await fireEvent.submit(screen.getByTestId('device-form'))
  await settled()
}

it('registers a device at its estate, and shows its password once', async () => {
  const { calls, emitted } = open(made({ credentials: { username: 'smoke-1', password: 'p-1', topic: 't' } }))
  await fill()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { id: 'smoke-1', profile: 'smoke', estate: 'E', place: 'E', name_zh: '烟感', name_en: '烟感', make: null, x: null, offline_after_s: null } })
  expect(screen.getByTestId('credentials-password').textContent).toBe('p-1')
  expect(screen.queryByTestId('device-form')).toBeNull()
  expect(emitted('created')).toHaveLength(1)
  await fireEvent.click(screen.getByTestId('credentials-done'))
  expect(emitted('done')).toHaveLength(1)
})

it('says how a device without a password gets in, and is put away', async () => {
  const { emitted } = open(made({ dialect: 'zigbee2mqtt' }))
  await fill()
  expect(screen.getByTestId('device-let-in').textContent).toContain('经桥接接入')
  await fireEvent.click(screen.getByRole('button', { name: '关闭' }))
  expect(emitted('done')).toHaveLength(1)
})

it('begins with what a label or an enrolment knows, and registers its way', async () => {
  const asked: object[] = []
  const register = (body: object) => (asked.push(body), Promise.resolve(made()))
  const { calls } = open({}, { start: { id: 'x-1', estate: 'E', profile: 'smoke', serial: 'SN1' }, register })
  await settled()
  expect(screen.getByTestId<HTMLSelectElement>('device-estate').value).toBe('E')
  await fireEvent.submit(screen.getByTestId('device-form'))
  await settled()
  expect(asked).toMatchObject([{ id: 'x-1', estate: 'E', place: 'E', serial: 'SN1' }])
  expect(calls('POST')).toEqual([])
})

it('keeps what was typed and says why it was refused', async () => {
  const { emitted } = open(new Refusal(409, { title: 'no', detail: '编号重复' }))
  await fill()
  expect(screen.getByRole('alert').textContent).toContain('编号重复')
  expect(screen.getByTestId<HTMLInputElement>('device-id').value).toBe('smoke-1')
  expect(emitted('created')).toBeUndefined()
})
