import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { usePlaces } from '@/stores/places'
import { Refusal, agree, serve, show } from '@/testing'

import GridForm from './GridForm.vue'

const GRID = { code: '510681001001001', community: '510681001001', kind: 'base', name_zh: '一格', name_en: 'One', households: 300, version: 4 }
const known = () => {
  for (const [code, kind] of [['510681001001', 'community'], ['E', 'estate']] as const) usePlaces().byCode.set(code, { code, kind, name_zh: `名${code}`, name_en: code, path: [code] } as never)
}

it('adds a grid to a community; without an English name the Chinese one stands', async () => {
  const { calls } = serve({ 'POST /api/grids': GRID })
  const { emitted } = show(GridForm, { props: { grid: null }, known })
  expect([...screen.getByTestId<HTMLSelectElement>('grid-community').options].map(({ value }) => value)).toEqual(['510681001001'])
  await fireEvent.update(screen.getByTestId('grid-community'), '510681001001')
  await fireEvent.update(screen.getByTestId('grid-code'), '510681001001')
  await fireEvent.update(screen.getByTestId('grid-name'), '一格')
  await fireEvent.click(screen.getByTestId('grid-save'))
  expect(calls('POST')).toEqual([]) // twelve digits are a community's
  await fireEvent.update(screen.getByTestId('grid-code'), '510681001001002')
  await fireEvent.click(screen.getByTestId('grid-save'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ code: '510681001001002', community: '510681001001', kind: 'base', name_zh: '一格', name_en: '一格', households: null })
  expect(screen.queryByTestId('end')).toBeNull()
})

it('changes one as it was seen, and never its code', async () => {
  const { calls } = serve({ 'PATCH /api/grids/{code}': new Refusal(409, { title: '已被修改', status: 409 }) })
  const { emitted } = show(GridForm, { props: { grid: GRID }, known })
  expect(screen.getByTestId<HTMLInputElement>('grid-code').disabled).toBe(true)
  await fireEvent.update(screen.getByTestId('grid-households'), '310')
  await fireEvent.click(screen.getByTestId('grid-save'))
  expect(await screen.findByRole('alert')).toBeTruthy()
  expect(calls('PATCH')[0]![1]).toMatchObject({ params: { path: { code: GRID.code } }, body: { households: 310, version: 4 } })
  expect(emitted('done')).toBeUndefined()
})

it('ends one once that was said', async () => {
  const { calls } = serve({ 'DELETE /api/grids/{code}': {} })
  const { emitted } = show(GridForm, { props: { grid: GRID }, known })
  await fireEvent.click(screen.getByTestId('end'))
  expect(screen.getByRole('dialog').textContent).toContain('撤销「一格」')
  await agree()
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('DELETE')[0]![1]).toMatchObject({ params: { path: { code: GRID.code } } })
})
