import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CommunityRates from './CommunityRates.vue'

const row = (place: string, more = {}) => ({ place, name_zh: `名${place}`, name_en: place, cameras: 4, online: 3, rate: 0.75, uptime_7d: null, ...more })
const open = (answer: unknown) => {
  const api = serve({ 'GET /api/devices/health/communities': answer })
  show(CommunityRates)
  return api
}

it('says how many cameras are online, community by community; what is unknown is no zero', async () => {
  const { calls } = open({ total: { rate: 0.987 }, items: [row('A'), row('B', { rate: 1, uptime_7d: 0.5 })] })
  await settled()
  expect(screen.getByText('98.7%').tagName).toBe('STRONG')
  const [first, second] = screen.getAllByTestId('community-rate')
  expect(first!.textContent).toMatch(/名A 4 台中 3 台在线 · 75% 近 7 天 —/)
  expect(second!.textContent).toMatch(/100% 近 7 天 50%/)
  expect(calls('GET')[0]![1]).toEqual({ params: { query: { network: 'xueliang' } } })
})

it('asks about another network, and says that it has no camera here', async () => {
  const { calls } = open({ total: { rate: null }, items: [] })
  await fireEvent.update(screen.getByTestId('rate-network'), 'tianwang')
  await settled()
  expect(calls('GET')[1]![1]).toEqual({ params: { query: { network: 'tianwang' } } })
  expect(screen.getByTestId('community-rates').textContent).toMatch(/天网工程.*—.*辖区内没有这个网络的摄像机/s)
})

it('does not pass a refusal for no camera', async () => {
  open(new Refusal(503, { title: 'away' }))
  await settled()
  expect(screen.getByText(/away/)).toBeTruthy()
  expect(screen.queryByText(/辖区内没有/)).toBeNull()
})
