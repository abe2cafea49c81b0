import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CaseRating from './CaseRating.vue'

const URI = '/api/incidents/{incident_id}/rating'
const rate = async (answer: unknown) => {
  const api = serve({ [`POST ${URI}`]: answer })
  const view = show(CaseRating, { props: { incident: { id: 5 } } })
  expect(screen.getByTestId<HTMLButtonElement>('rate-submit').disabled, 'no score, no rating').toBe(true)
  await fireEvent.click(screen.getByTestId('rate-4'))
  await fireEvent.update(screen.getByLabelText('意见（可不填）'), ' 及时 ')
  await fireEvent.submit(screen.getByTestId('rate-submit').closest('form')!)
  await settled()
  return { ...api, ...view }
}

it('is given once, with a score, and stands in place of the form', async () => {
  const { calls, emitted } = await rate({ given_by: 'centre', score: 4 })
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { incident_id: 5 } }, body: { score: 4, words: '及时' } })
  expect(screen.getByTestId('case-rating').textContent).toContain('综治中心评 4 分')
  expect(screen.queryByTestId('rate-submit')).toBeNull()
  expect(emitted('rated')).toHaveLength(1)
})

it('keeps the form and says why where it was refused', async () => {
  const { emitted } = await rate(new Refusal(422, { title: 'no', detail: '已评价' }))
  expect(screen.getByRole('alert').textContent).toContain('已评价')
  expect(screen.getByTestId('rate-submit')).toBeTruthy()
  expect(emitted('rated')).toBeUndefined()
})
