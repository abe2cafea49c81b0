import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CameraDrawing from './CameraDrawing.vue'

const device = { id: 'cam-1', estate: 'EST1', config_status: 'applied' }
const line = { name: 'gate', a: [0.1, 0.1], b: [0.5, 0.5], direction: 'both' }
const config = (more = {}) => ({ status: 'applied', desired: { version: 3, data: { keep_days: 30, lines: [line] } }, reported: null, ...more })
const URI = '/api/devices/{device_id}/config'
const open = (role: string, answers: Record<string, unknown> = {}) => ({ ...serve({ [`GET ${URI}`]: config(), ...answers }), ...show(CameraDrawing, { props: { device }, role }) })

it('saves what was drawn beside all else that is configured, for the version that was seen', async () => {
  const { calls } = open('property', { [`PUT ${URI}`]: config({ status: 'pending' }) })
  await fireEvent.update(await screen.findByTestId('draw-name-0'), 'north')
  await fireEvent.click(screen.getByTestId('draw-save'))
  expect(calls('PUT')[0]).toMatchObject([URI, { params: { path: { device_id: 'cam-1' } }, body: { version: 3, data: { keep_days: 30, lines: [{ ...line, name: 'north' }] } } }])
  await settled()
  expect(screen.getByTestId('draw-status').textContent).toBe('等待设备应用')
})

it('says what is wrong with a shape and does not save it', async () => {
  open('property')
  await fireEvent.update(await screen.findByTestId('draw-name-0'), '北门')
  expect(screen.getByTestId('draw-fault').textContent).toContain('名称只用字母')
  expect(screen.getByTestId<HTMLButtonElement>('draw-save').disabled).toBe(true)
})

it('keeps what somebody is drawing when the node answers', async () => {
  const { rerender } = open('property')
  await fireEvent.update(await screen.findByTestId('draw-name-0'), 'north')
  await rerender({ device: { ...device, config_status: 'failed' } })
  await settled()
  expect(screen.getByTestId<HTMLInputElement>('draw-name-0').value).toBe('north')
})

it('an operator looks and changes nothing; without a picture there is an empty ground, and a refusal is told', async () => {
  const { calls } = open('operator', { 'GET /api/snapshots/{path}': new Refusal(404) })
  expect((await screen.findByTestId<HTMLInputElement>('draw-name-0')).disabled).toBe(true)
  expect(screen.queryByTestId('draw-save')).toBeNull()
  await fireEvent.submit(screen.getByTestId('draw-load').closest('form')!)
  expect(await screen.findByText(/可以先在空白底图上画/)).toBeTruthy()
  expect(calls('GET').at(-1)![1]).toMatchObject({ params: { path: { path: 'EST1/cam-1/view.jpg' }, query: { reason: '配置摄像机区域' } } })
})
