import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { usePlaces } from '@/stores/places'
import { useStaff } from '@/stores/staff'
import { Refusal, serve, settled, show } from '@/testing'

import BoundaryForm from './BoundaryForm.vue'

const place = (code: string, kind: string, path: string[]) => ({ code, kind, path, name_zh: `名${code}`, name_en: code, outline: [] }) as never
async function fill(answer: unknown) {
  const api = serve({ 'POST /api/grids/{code}/places': answer })
  const view = show(BoundaryForm, { known: () => [place('E', 'estate', ['E']), place('E-B1', 'building', ['E', 'E-B1']), place('E-B1-1', 'room', ['E', 'E-B1', 'E-B1-1'])].forEach((one: { code: string }) => usePlaces().byCode.set(one.code, one as never)) })
  useStaff().grids = [{ code: 'G2', name_zh: '二网格', name_en: 'Two' }] as never
  await screen.findByText('二网格 G2')
  await fireEvent.update(screen.getByTestId('boundary-place'), 'E-B1')
  await fireEvent.update(screen.getByTestId('boundary-grid'), 'G2')
  await fireEvent.update(screen.getByTestId('boundary-since'), '2026-03-01T08:00')
  await fireEvent.submit(screen.getByTestId('boundary-go').closest('form')!)
  await settled()
  return { ...api, ...view }
}

it('moves estates and buildings, nothing smaller, from a moment on', async () => {
  const { calls, emitted } = await fill({})
  expect(screen.getByTestId('boundary-place').textContent).toBe('名E 名E 名E-B1')
  expect(calls('POST')[0]).toMatchObject(['/api/grids/{code}/places', { params: { path: { code: 'G2' } }, body: { place: 'E-B1', since: new Date('2026-03-01T08:00').toISOString() } }])
  expect(emitted('done')).toHaveLength(1)
})

it('stays open and says why where the server refuses', async () => {
  const { emitted } = await fill(new Refusal(422, { title: 'no', detail: '时间在过去' }))
  expect(screen.getByRole('alert').textContent).toContain('时间在过去')
  expect(emitted('done')).toBeUndefined()
})
