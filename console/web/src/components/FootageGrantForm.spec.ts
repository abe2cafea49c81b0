import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import FootageGrantForm from './FootageGrantForm.vue'

const POST = 'POST /api/picture-grants'
const [FROM, UNTIL, EXPIRES] = ['2026-11-20T08:00', '2026-11-20T09:00', '2026-12-01T00:00']
const iso = (local: string) => new Date(local).toISOString()

async function fill(answer: unknown) {
  const api = serve({ 'GET /api/places': { items: [{ code: 'E', kind: 'estate', name_zh: '翠湖苑', name_en: 'E', path: ['E'] }] }, [POST]: answer })
  const page = show(FootageGrantForm)
  await waitFor(() => expect(screen.getByTestId<HTMLButtonElement>('grant-save').disabled).toBe(false))
  for (const [field, value] of Object.entries({ unit: '城管 ', place: 'E', device: 'cam-1', from: FROM, until: UNTIL, expires: EXPIRES, reason: '占道' })) await fireEvent.update(screen.getByTestId(`grant-${field}`), value)
  return { ...api, ...page }
}

it('opens a camera to a unit for a time, until a moment, for a reason', async () => {
  const { calls, emitted, container } = await fill({ id: 1 })
  expect(container.querySelector('option')!.textContent).toBe('翠湖苑')
  await fireEvent.click(screen.getByLabelText('录像'))
  await fireEvent.click(screen.getByTestId('grant-save'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ device: 'cam-1', ref: null, what: ['picture'], recorded_from: iso(FROM), recorded_until: iso(UNTIL), unit: '城管', place: 'E', reason: '占道', expires_at: iso(EXPIRES) })
})

it('gives nothing of nothing', async () => {
  await fill({ id: 1 })
  await fireEvent.click(screen.getByLabelText('录像'))
  await fireEvent.click(screen.getByLabelText('图片'))
  expect(screen.getByTestId<HTMLButtonElement>('grant-save').disabled).toBe(true)
})

it('stays with what was written where the server refuses', async () => {
  const { emitted } = await fill(new Refusal(422, { title: '期限太长', status: 422 }))
  await fireEvent.click(screen.getByTestId('grant-save'))
  expect((await screen.findByRole('alert')).textContent).toContain('期限太长')
  expect(emitted('done')).toBeUndefined()
  expect(screen.getByTestId<HTMLInputElement>('grant-reason').value).toBe('占道')
})
