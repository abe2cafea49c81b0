import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { beforeEach, expect, it } from 'vitest'

import { Refusal, serve, show, stopClock } from '@/testing'

import QuietForm from './QuietForm.vue'

function open(role: string, answer: unknown = {}, props = {}) {
  const api = serve({ 'POST /api/hushes': answer })
  return { ...api, ...show(QuietForm, { props: { start: 'E', ...props }, role, stubs: { ScopePicker: true } }) }
}
const ask = async () => {
  await fireEvent.update(screen.getByTestId('quiet-reason'), ' 检修 ')
  await fireEvent.click(screen.getByTestId('quiet-save'))
}
beforeEach(() => stopClock('2026-11-27T10:00:00Z'))

it('asks for quiet of a kind, there, for so long, and why', async () => {
  const { calls, emitted } = open('property', {}, { startKind: 'maintenance' })
  await fireEvent.update(screen.getByTestId('quiet-hours'), '720')
  await ask()
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ kind: 'maintenance', scope: 'E', codes: [], life_safety: false, reason: '检修', ends_at: '2026-12-27T10:00:00.000Z' })
})

it('shows how long it will be also after another kind is chosen', async () => {
  const { calls } = open('operator')
  await fireEvent.update(screen.getByTestId('quiet-hours'), '168')
  await fireEvent.click(screen.getByTestId('quiet-kind-test'))
  expect(screen.getByTestId<HTMLSelectElement>('quiet-hours').value).toBe('1')
  await ask()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { kind: 'test', ends_at: '2026-11-27T11:00:00.000Z' } })
})

it('lets the centre alone silence what is about life, and a drill silences nothing', async () => {
  const { calls, unmount } = open('operator')
  await fireEvent.click(screen.getByTestId('quiet-life'))
  await fireEvent.click(screen.getByTestId('quiet-kind-drill'))
  expect(screen.queryByTestId('quiet-life')).toBeNull()
  await ask()
  expect(calls('POST')[0]![1]).toMatchObject({ body: { kind: 'drill', life_safety: false } })
  unmount()
  open('property')
  expect(screen.queryByTestId('quiet-life')).toBeNull()
  expect(screen.getByText(/紧急（1 级）告警不受影响/)).toBeTruthy()
})

it('says why the server refuses', async () => {
  const { emitted } = open('operator', new Refusal(403, { title: '', detail: '不在辖区', status: 403 }))
  await ask()
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
  expect(emitted('done')).toBeUndefined()
})
