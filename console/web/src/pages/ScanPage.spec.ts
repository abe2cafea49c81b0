import { cleanup, fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import ScanPage from './ScanPage.vue'

const OURS = 'shequ:claim:ABCD-EFGH'
const LABEL = { label: 'L7', estate: 'E1', profile: 'smoke', make: 'Acme', model: null, serial: 'S1', registered_as: null }
async function scan(text: string, answers: Record<string, unknown>) {
  const { calls } = serve(answers)
  const LabelScanner = { template: `<button data-testid="scanner" @click="$emit('found', '${text}')" />`, emits: ['found'] }
  const DeviceForm = { template: '<div><i data-testid="form">{{ start.serial }} {{ start.estate }}</i><button data-testid="register" @click="register({ id: \'d1\' })" /><button data-testid="done" @click="$emit(\'done\')" /></div>', props: ['start', 'register'], emits: ['done'] }
  show(ScanPage, { role: 'property', stubs: { LabelScanner, DeviceForm } })
  await fireEvent.click(screen.getByTestId('scanner'))
  return calls
}

it('registers a device by a label of ours with the papers that it brings', async () => {
  const calls = await scan(OURS, { 'POST /api/enrolment/labels/read': LABEL, 'POST /api/enrolment/labels/{label}/register': {} })
  expect((await screen.findByTestId('form')).textContent).toBe('S1 E1')
  expect(screen.getByText('标签 L7：登记后设备自行领取口令。')).toBeTruthy()
  expect(screen.queryByTestId('scanner')).toBeNull()
  await fireEvent.click(screen.getByTestId('register'))
  expect(calls('POST')[1]).toMatchObject(['/api/enrolment/labels/{label}/register', { params: { path: { label: 'L7' } }, body: { id: 'd1' } }])
  await fireEvent.click(screen.getByTestId('done'))
  expect(screen.getByTestId('scanner')).toBeTruthy()
})

it('leads to the device that a label or a serial belongs to already', async () => {
  await scan(OURS, { 'POST /api/enrolment/labels/read': { ...LABEL, registered_as: 'd1' } })
  expect((await screen.findByText('d1')).getAttribute('href')).toBe('/device/d1')
  expect(screen.queryByTestId('form')).toBeNull()
})

it('takes another maker’s serial into the form of any device, and says which device has it', async () => {
  const calls = await scan('SN: X-99', { 'GET /api/devices': { items: [{ id: 'd5', name_zh: '烟感', name_en: 'Smoke' }] }, 'POST /api/devices': {} })
  expect((await screen.findByTestId('form')).textContent).toContain('X-99')
  expect(screen.getByTestId('scan-known').textContent).toContain('烟感')
  await fireEvent.click(screen.getByTestId('register'))
  await waitFor(() => expect(calls('POST')[0]).toMatchObject(['/api/devices', { body: { id: 'd1' } }]))
})

it('tells a label that nobody knows from one that could not be read', async () => {
  await scan(OURS, { 'POST /api/enrolment/labels/read': new Refusal(404) })
  expect(await screen.findByTestId('scan-strange')).toBeTruthy()
  expect(screen.getAllByRole('alert')).toHaveLength(1)
  cleanup()
  await scan(OURS, { 'POST /api/enrolment/labels/read': new Refusal(503, { title: 'x', detail: '数据库忙' }) })
  expect((await screen.findByRole('alert')).textContent).toContain('数据库忙')
  expect(screen.queryByTestId('scan-strange')).toBeNull()
})
