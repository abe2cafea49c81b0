import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import PointsForm from './PointsForm.vue'

const place = (code: string, kind: string, ...path: string[]) => ({ code, kind, path: [...path, code], name_zh: `名${code}`, name_en: code, outline: [] })
const PLACES = { items: [place('E', 'estate', 'T'), place('T', 'town'), place('R', 'room', 'T', 'E')] }
const RULES = [{ code: 'help', points: 5, name_zh: '助人', name_en: 'Help', active: true }, { code: 'litter', points: -2, name_zh: '乱扔', name_en: 'Litter', active: true }, { code: 'old', points: 1, name_zh: '旧', name_en: 'Old', active: false }]
const options = (id: string) => [...screen.getByTestId<HTMLSelectElement>(id).options].map(({ text }) => text)

async function open(answer: unknown) {
  const api = serve({ 'GET /api/places': PLACES, 'POST /api/points': answer })
  const page = show(PointsForm, { props: { rules: RULES } })
  await waitFor(() => expect(options('points-place')).toHaveLength(2))
  for (const [field, value] of Object.entries({ holder: '李雷', place: 'E', rule: 'help', reason: '扶老人' })) await fireEvent.update(screen.getByTestId(`points-${field}`), value)
  return { ...api, ...page }
}

it('offers the rules in force with their points, and places by their tree', async () => {
  await open({})
  expect(options('points-rule')).toEqual(['+5 助人', '-2 乱扔'])
  expect(options('points-place').map((text) => text.replace('　', '>'))).toEqual(['名T', '>名E'])
})

it('proposes, and is ready for the next under the same rule', async () => {
  const { calls, emitted } = await open({ id: 1 })
  await fireEvent.click(screen.getByTestId('points-propose'))
  expect(await screen.findByText('已提出，等待审议')).toBeTruthy()
  expect(calls('POST')[0]![1]!['body']).toEqual({ holder: '李雷', holder_kind: 'volunteer', family: '', place: 'E', rule: 'help', reason: '扶老人' })
  expect(emitted('proposed')).toHaveLength(1)
  expect([screen.getByTestId<HTMLInputElement>('points-holder').value, screen.getByTestId<HTMLSelectElement>('points-rule').value]).toEqual(['', 'help'])
})

it('keeps what was written where the server refuses', async () => {
  const { emitted } = await open(new Refusal(422, { title: '理由太短', status: 422 }))
  await fireEvent.click(screen.getByTestId('points-propose'))
  expect((await screen.findByRole('alert')).textContent).toContain('理由太短')
  expect(emitted('proposed')).toBeUndefined()
  expect(screen.getByTestId<HTMLInputElement>('points-holder').value).toBe('李雷')
})

it('says why there are no places', async () => {
  serve({ 'GET /api/places': new Refusal(503, { title: '忙', status: 503 }) })
  show(PointsForm, { props: { rules: RULES } })
  expect((await screen.findByRole('alert')).textContent).toContain('忙')
})
