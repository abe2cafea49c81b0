import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import GoalsPage from './GoalsPage.vue'

it('opens the targets, and the other tab stays in the address', async () => {
  const { router } = show(GoalsPage, { stubs: { KpiTargets: { template: '<i data-testid="targets" />' }, CoverageList: { template: '<i data-testid="coverage" />' } } })
  expect(screen.getByTestId('targets')).toBeTruthy()
  await fireEvent.click(screen.getByTestId('tab-coverage'))
  expect(await screen.findByTestId('coverage')).toBeTruthy()
  expect(router.currentRoute.value.query).toEqual({ tab: 'coverage' })
  expect(screen.queryByTestId('targets')).toBeNull()
})
