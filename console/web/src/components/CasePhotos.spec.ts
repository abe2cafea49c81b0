import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CasePhotos from './CasePhotos.vue'

const URI = 'GET /api/incidents/{incident_id}/attachments'
const stubs = { CasePhoto: { props: ['photo'], template: '<p>photo {{ photo.id }}</p>' } }
const open = (answers: Record<string, unknown>) => {
  const api = serve(answers)
  return { ...api, ...show(CasePhotos, { props: { incident: 5, version: 1 }, stubs }) }
}

it('brings a new photo in when the case grew', async () => {
  const answers = { [URI]: { items: [] as object[] } }
  const { calls, rerender } = open(answers)
  expect(await screen.findByText('还没有照片')).toBeTruthy()
  answers[URI] = { items: [{ id: 1 }] }
  await rerender({ incident: 5, version: 2 })
  expect(await screen.findByText('photo 1')).toBeTruthy()
  expect(calls('GET')[1]![1]).toEqual({ params: { path: { incident_id: 5 } } })
})

it('keeps what is shown and says that the newest did not come', async () => {
  const answers: Record<string, unknown> = { [URI]: { items: [{ id: 1 }] } }
  const { rerender } = open(answers)
  await screen.findByText('photo 1')
  answers[URI] = new Refusal(503, { title: 'away' })
  await rerender({ incident: 5, version: 2 })
  await settled()
  expect(screen.getByText('photo 1')).toBeTruthy()
  expect(screen.getByRole('alert').textContent).toContain('away')
})

it('does not pass no answer for no photo', async () => {
  open({ [URI]: new Refusal(503, { title: 'away' }) })
  expect((await screen.findByRole('alert')).textContent).toContain('away')
  expect(screen.queryByText('还没有照片')).toBeNull()
})
