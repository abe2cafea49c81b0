import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import DeviceWhy from './DeviceWhy.vue'

const PATH = 'GET /api/devices/{device_id}/why'
const said = (zh: string, answer = 'raised') => ({ answer, zh, en: zh })
const WHY = { summary: said('两条消息'), standing: [said('还差一次')], events: 2, findings: [said('已告警'), said('被静默', 'kept_silent')], deaf: ['GAS', 'GAS', 'SOS'] }

it('judges the span that was asked for, and shows first what was kept silent', async () => {
  const { calls } = serve({ [PATH]: WHY })
  show(DeviceWhy, { props: { id: 'd1' } })
  await fireEvent.update(screen.getByTestId('why-from'), '2026-11-27T08:00')
  await fireEvent.update(screen.getByTestId('why-to'), '2026-11-27T09:30')
  await fireEvent.click(screen.getByTestId('whynot-ask'))
  const answer = await screen.findByTestId('whynot-answer')
  const query = { from: new Date('2026-11-27T08:00').toISOString(), to: new Date('2026-11-27T09:30').toISOString() }
  expect(calls('GET')[0]![1]).toMatchObject({ params: { path: { device_id: 'd1' }, query } })
  expect(screen.getAllByTestId('whynot-finding').map((row) => row.textContent)).toEqual(['被静默'])
  expect(answer.textContent).toContain('还差一次')
  expect(answer.textContent).toContain('GAS、SOS')
  await fireEvent.click(screen.getByRole('checkbox'))
  expect(screen.getAllByTestId('whynot-finding')).toHaveLength(2)
})

it('says why it could not look', async () => {
  serve({ [PATH]: new Refusal(422, { title: '时段太长', status: 422 }) })
  show(DeviceWhy, { props: { id: 'd1' } })
  await fireEvent.click(screen.getByTestId('whynot-ask'))
  expect((await screen.findByRole('alert')).textContent).toContain('时段太长')
})
