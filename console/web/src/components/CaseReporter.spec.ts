import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { agree, Refusal, serve, settled, show } from '@/testing'

import CaseReporter from './CaseReporter.vue'

const URI = '/api/incidents/{incident_id}/reporter'
const until = new Date(Date.now() + 60_000).toISOString()
const open = async (answer: unknown, fields: object = { reporter: '王小明', reporter_phone: '13900000001' }) => {
  const api = serve({ [`POST ${URI}`]: answer, 'GET /api/reveals/{reveal_id}': { fields, until } })
  show(CaseReporter, { props: { incident: { id: 5, reporter: '王**', reporter_phone: '139****0001' } } })
  await fireEvent.click(screen.getByTestId('reporter-reveal'))
  return api
}
const line = () => screen.getByTestId('case-reporter').textContent

it('is masked until a reason is written down, and whole for a while', async () => {
  const { calls } = await open({ reveal: 9, until })
  expect(line()).toMatch(/王\*\*.*139\*\*\*\*0001/)
  expect(calls('POST')).toEqual([])
  await agree('回访')
  await settled()
  expect(calls('POST')[0]).toMatchObject([URI, { params: { path: { incident_id: 5 } }, body: { reason: '回访' } }])
  expect(line()).toMatch(/王小明.*13900000001/)
  expect(screen.queryByTestId('reporter-reveal')).toBeNull()
})

it('stays masked where the server refuses', async () => {
  await open(new Refusal(403, { title: 'no', detail: '不在辖区' }))
  await agree('回访')
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('不在辖区')
  expect(line()).toContain('139****0001')
})
