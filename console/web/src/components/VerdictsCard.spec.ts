import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import VerdictsCard from './VerdictsCard.vue'

const FOUND = { days: 30, rate: 62.4, true_alarm: 3, false_alarm: 5, apart: 1, unjudged: 2, hints: [{ device: 'd1', rule: 'r1', false_alarms: 5, days: 30, advice_zh: '调高阈值', advice_en: 'Raise it' }], repairs: [{ id: 9, advice_zh: '清洁探头', advice_en: 'Clean it', state: 'open' }] }

it('says how often it was wrong, and what that asks for', async () => {
  const { calls } = serve({ 'GET /api/verdicts': FOUND })
  show(VerdictsCard, { props: { device: 'd1' } })
  expect((await screen.findByText('误报率 62%')).className).toBe('high')
  expect(screen.getByTestId('verdicts').textContent).toMatch(/真警 3，误报 5，测试等 1，未判定 2.*30 天内误报 5 次.*调高阈值.*#9 清洁探头 待处理/)
  expect(calls('GET')[0]).toEqual(['/api/verdicts', { params: { query: { device: 'd1', rule: undefined } } }])
  expect(screen.queryByText('d1')).toBeNull()
})

it('leads from a rule to the device, which a device needs not', async () => {
  serve({ 'GET /api/verdicts': { ...FOUND, rate: 20 } })
  show(VerdictsCard, { props: { rule: 'r1' } })
  expect((await screen.findByText('d1')).getAttribute('href')).toBe('/device/d1')
  expect(screen.getByText('误报率 20%').className).toBe('')
})

it('gives no rate where nothing was judged, and says why nothing could be read', async () => {
  serve({ 'GET /api/verdicts': { ...FOUND, rate: null, hints: [], repairs: [] } })
  show(VerdictsCard, { props: { device: 'd1' } })
  expect(await screen.findByText('近 30 天没有判定过的告警')).toBeTruthy()
  serve({ 'GET /api/verdicts': new Refusal(403, { title: 'x', detail: '不在辖区' }) })
  show(VerdictsCard, { props: { device: 'd2' } })
  expect((await screen.findByRole('alert')).textContent).toContain('不在辖区')
})
