import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import RatingsPage from './RatingsPage.vue'

const rating = { incident_id: 7, score: 2, words: '来得太慢', case_code: '5106', code: 'FIRE-001', given_by: 'resident', at: '2026-03-01T00:00:00Z' }
function open(answer: unknown) {
  const { calls } = serve({ 'GET /api/ratings': answer })
  show(RatingsPage, { role: 'operator' })
  return calls
}

it('says how content somebody was, in words and for those who see no stars, and leads to the case', async () => {
  open({ items: [rating] })
  const stars = await screen.findByRole('img', { name: '2 分' })
  expect(stars.textContent).toBe('★★☆☆☆')
  expect(stars.className).toBe('low')
  expect(screen.getByTestId('rating').textContent).toMatch(/来得太慢.*居民/)
  expect(screen.getByRole('link').getAttribute('href')).toBe('/incidents/7')
})

it('asks for the poor ones only', async () => {
  const calls = open({ items: [] })
  expect((await screen.findByText('还没有评价')).dataset['testid']).toBe('ratings-empty')
  await fireEvent.update(screen.getByTestId('ratings-most'), '3')
  await waitFor(() => expect(calls('GET')[1]).toMatchObject(['/api/ratings', { params: { query: { most: 3 } } }]))
})

it('does not say that there is none where they could not be read', async () => {
  open(new Refusal(503, { title: 'x', detail: '数据库忙' }))
  expect((await screen.findByRole('alert')).textContent).toBe('读取失败：数据库忙')
  expect(screen.queryByTestId('ratings-empty')).toBeNull()
})
