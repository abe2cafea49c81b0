import { fireEvent, screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import CaseCameras from './CaseCameras.vue'

const camera = (device: string, more = {}) => ({ device, name_zh: `名${device}`, name_en: device, metres: 12.4, online: true, at: null, snapshot: null, ...more })
const stubs = { SnapshotImage: { props: ['path', 'alert'], template: '<p>{{ path }} for {{ alert }}</p>' }, CameraLive: { props: ['device'], template: '<p>live of {{ device.id }}</p>' } }
const open = (role: string, answer: unknown) => {
  const api = serve({ 'GET /api/alerts/{alert_id}/cameras': answer })
  return { ...api, ...show(CaseCameras, { props: { alert: 7 }, role, stubs }) }
}

it('shows the nearest cameras, how far, and the live picture of one at a time', async () => {
  open('operator', { items: [camera('a', { snapshot: 'E/a.jpg', at: new Date().toISOString() }), camera('b', { online: false, metres: null })] })
  const [near, far] = await screen.findAllByTestId('near-camera')
  expect(near!.textContent).toMatch(/名a.*12 米.*最新画面 .*E\/a\.jpg for 7/s)
  expect(far!.textContent).toMatch(/名b.*离线.*近一天没有画面/s)
  expect(far!.textContent).not.toContain('米')
  for (const one of [near!, far!]) await fireEvent.click(within(one).getByTestId('near-live'))
  expect(within(far!).getByText('live of b')).toBeTruthy()
  expect(within(near!).queryByText('live of a')).toBeNull()
})

it('gives the live picture to the centre only', async () => {
  open('property', { items: [camera('a')] })
  await screen.findByTestId('near-camera')
  expect(screen.queryByTestId('near-live')).toBeNull()
})

it('tells no camera from no answer', async () => {
  const { unmount } = open('operator', { items: [] })
  expect(await screen.findByText('本小区没有摄像机')).toBeTruthy()
  unmount()
  open('operator', new Refusal(503, { title: 'away' }))
  expect((await screen.findByRole('alert')).textContent).toContain('away')
  expect(screen.queryByText('本小区没有摄像机')).toBeNull()
})
