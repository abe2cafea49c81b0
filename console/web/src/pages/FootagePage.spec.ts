import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import FootagePage from './FootagePage.vue'

const PARTS = ['FootageOpened', 'FootageGrants', 'FootageRequests', 'FootageExports']
const stubs = Object.fromEntries(PARTS.map((name) => [name, { template: `<i data-testid="part">${name}</i>` }]))

it.each([
  ['shift_leader', PARTS],
  ['operator', ['FootageOpened', 'FootageRequests']],
  ['property', ['FootageOpened']],
  ['system_admin', ['FootageOpened']],
])('shows a %s what they may see of pictures that leave', (role, parts) => {
  show(FootagePage, { role, stubs })
  expect(screen.getAllByTestId('part').map((one) => one.textContent)).toEqual(parts)
})
