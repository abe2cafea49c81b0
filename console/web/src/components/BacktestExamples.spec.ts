import { screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import BacktestExamples from './BacktestExamples.vue'

const hit = (more = {}) => ({ at: '2026-01-01T00:00:00Z', place: 'EST1', device: 'smoke-1', subject: 'x', reason: 'why', outcome: null, id: null, ...more })

it('leads to the alert that was really raised, and says that there are more', () => {
  show(BacktestExamples, { props: { title: '只在实际', hits: [hit({ id: 5, outcome: 'false_alarm' }), hit({ device: null, subject: 'person-9' })], total: 30 } })
  expect(screen.getByRole('heading').textContent).toContain('共 30 条')
  const [real, would] = screen.getAllByRole('listitem')
  expect(within(real!).getByRole('link', { name: '#5' }).getAttribute('href')).toBe('/watch/5')
  expect(real!.textContent).toContain('误报')
  expect(within(would!).queryByRole('link')).toBeNull()
  expect(would!.textContent).toContain('person-9')
})

it('is not there without an example', () => {
  show(BacktestExamples, { props: { title: '只在实际', hits: [], total: 0 } })
  expect(screen.queryByRole('heading')).toBeNull()
})
