import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import CanaryTable from './CanaryTable.vue'

const canary = (more = {}) => ({ estate: 'EST1', name_zh: '幸福里', name_en: 'Happy', sent_at: '2026-01-01T00:00:00Z', judged_s: 0.1, shown_s: 0.25, posted_s: 0.3, told_s: 0.4, since: null, stops_at: null, ...more })
const open = (rows: object[]) => show(CanaryTable, { props: { rows, told: ({ estate }: { estate: string }) => `通知了 ${estate}` } })

it('says how long each station took, and that all is well', () => {
  open([canary()])
  expect(screen.getByTestId('canary').textContent).toMatch(/0\.10 秒.*0\.25 秒.*0\.30 秒.*0\.40 秒.*正常/s)
  expect(screen.getByTestId('canary').dataset['bad']).toBe('false')
})

it('is under way until somebody was told', () => {
  open([canary({ told_s: null })])
  expect(screen.getByTestId('canary').textContent).toMatch(/–.*途中/s)
})

it('says where it stopped, since when and who was told', () => {
  open([canary({ since: '2026-01-01T00:00:00Z', stops_at: 'console', shown_s: null })])
  expect(screen.getByTestId('canary').textContent).toMatch(/未到值班台.*自 .*通知了 EST1/s)
  expect(screen.getByTestId('canary').dataset['bad']).toBe('true')
})

it('says that none was sent', () => {
  open([])
  expect(screen.getByText('还没有发出过虚拟求助')).toBeTruthy()
})
