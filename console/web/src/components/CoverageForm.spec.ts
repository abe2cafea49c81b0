import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import CoverageForm from './CoverageForm.vue'

const POINT = { code: 'P1', network: 'xueliang', place: 'EST1', name_zh: '东门', name_en: 'East', device: 'cam-1', covered: true }
const stubs = { PlacePicker: true }
const open = (point: object | null, answers: Record<string, unknown>) => {
  const api = serve({ 'GET /api/devices': { items: [{ id: 'cam-1', name_zh: '枪机', name_en: 'Cam' }], next: null }, ...answers })
  return { ...api, ...show(CoverageForm, { props: { point }, stubs }) }
}
const save = async () => {
  await fireEvent.submit(screen.getByTestId('point-form'))
  await settled()
}

it('adds a point; without an English name the Chinese one stands, without a camera there is none', async () => {
  const { calls, emitted } = open(null, { 'POST /api/kpi/points': {} })
  await fireEvent.update(screen.getByTestId('point-code'), 'P2')
  await fireEvent.update(screen.getByTestId('point-name'), '西门')
  await save()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { code: 'P2', network: 'tianwang', name_zh: '西门', name_en: '西门', device: null } })
  expect(emitted('done')).toHaveLength(1)
})

it('names the camera of a point that is known, whose code stays', async () => {
  const { calls } = open(POINT, { 'PUT /api/kpi/points/{code}': {} })
  await screen.findByText('枪机 cam-1')
  expect(screen.getByTestId<HTMLInputElement>('point-code').disabled).toBe(true)
  await fireEvent.update(screen.getByTestId('point-camera'), '')
  await save()
  expect(calls('PUT')[0]![1]).toMatchObject({ params: { path: { code: 'P1' } }, body: { network: 'xueliang', place: 'EST1', name_en: 'East', device: null } })
})

it('takes a point off when somebody has said yes', async () => {
  const { calls, emitted } = open(POINT, { 'DELETE /api/kpi/points/{code}': {} })
  await fireEvent.click(screen.getByTestId('end'))
  expect(screen.getByTestId('confirm').textContent).toContain('撤销「东门」')
  await agree()
  await settled()
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { code: 'P1' } } })
  expect(emitted('done')).toHaveLength(1)
})

it('stays open and says why, and is left without a change', async () => {
  const { emitted } = open(null, { 'POST /api/kpi/points': new Refusal(409, { title: 'no', detail: '编号重复' }) })
  expect(screen.queryByTestId('end')).toBeNull()
  await save()
  expect(screen.getByRole('alert').textContent).toContain('编号重复')
  expect(emitted('done')).toBeUndefined()
  await fireEvent.click(screen.getByRole('button', { name: '取消' }))
  expect(emitted('close')).toHaveLength(1)
})
