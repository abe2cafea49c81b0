import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import AccountPage from './AccountPage.vue'

it('is the parts of one’s own account, which the phone shows as well', () => {
  show(AccountPage, { stubs: { AccountParts: { template: '<i data-testid="parts" />' } } })
  expect(screen.getByTestId('parts')).toBeTruthy()
})
