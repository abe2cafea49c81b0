import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CameraRegister from './CameraRegister.vue'

const look = (id: number, more = {}) => ({ id, at: '2026-01-01T00:00:00Z', device: 'cam-1', who: 'li', unit: '综治中心', what: 'live', reason: '核实', alert: null, ...more })
const heads = () => screen.getAllByRole('columnheader').map(({ textContent }) => textContent)

it('says who looked at what and why; of one camera it need not name the camera', async () => {
  serve({ 'GET /api/picture-access': { items: [look(1)], next: null } })
  const { unmount } = show(CameraRegister, { props: { id: 'cam-1' } })
  expect((await screen.findByRole('row', { name: /li/ })).textContent).toMatch(/li综治中心实时画面核实—$/)
  expect(heads()).not.toContain('摄像机')
  unmount()
  show(CameraRegister)
  await screen.findByText('cam-1')
  expect(heads()).toContain('摄像机')
})

it('goes on where the page ended', async () => {
  const { calls } = serve({ 'GET /api/picture-access': (wish: { params: { query: { cursor?: string } } }) => (wish.params.query.cursor ? { items: [look(2, { who: 'wang' })], next: null } : { items: [look(1)], next: 'c1' }) })
  show(CameraRegister, { props: { id: 'cam-1' } })
  await fireEvent.click(await screen.findByRole('button', { name: '更多' }))
  await settled()
  expect(screen.getAllByRole('row')).toHaveLength(3)
  expect(screen.queryByRole('button')).toBeNull()
  expect(calls('GET')[1]![1]).toEqual({ params: { query: { device: 'cam-1', cursor: 'c1' } } })
})

it('drops the answer about a camera that was left meanwhile', async () => {
  let late: (answer: object) => void = () => undefined
  serve({ 'GET /api/picture-access': (wish: { params: { query: { device: string } } }) => (wish.params.query.device === 'cam-1' ? new Promise((done) => (late = done)) : { items: [look(2, { who: 'wang' })], next: null }) })
  const { rerender } = show(CameraRegister, { props: { id: 'cam-1' } })
  await rerender({ id: 'cam-2' })
  late({ items: [look(1)], next: null })
  expect(await screen.findByText('wang')).toBeTruthy()
  await settled()
  expect(screen.queryByText('li')).toBeNull()
})

it('tells nobody from refused', async () => {
  serve({ 'GET /api/picture-access': new Refusal(403, { title: 'no', detail: 'x' }) })
  const { unmount } = show(CameraRegister)
  expect((await screen.findByRole('alert')).textContent).toContain('无权操作')
  expect(screen.queryByText('还没有人查阅过')).toBeNull()
  unmount()
  serve({ 'GET /api/picture-access': { items: [], next: null } })
  show(CameraRegister)
  expect(await screen.findByText('还没有人查阅过')).toBeTruthy()
})
