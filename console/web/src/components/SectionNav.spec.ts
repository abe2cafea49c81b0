import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import SectionNav from './SectionNav.vue'

const open = (name: string, role: string) => show(SectionNav, { role, at: '/here', page: { path: '/here', name } })
const names = () => screen.queryAllByRole('link').map((link) => link.getAttribute('href'))

it('offers the pages of the open section, itself first, under the name of the section', () => {
  open('quiet', 'operator')
  expect(screen.getByRole('navigation').getAttribute('aria-label')).toBe('规则')
  expect(names()).toEqual(['/rules', '/thresholds', '/quiet'])
})

it('hides a page that the role may not open', () => {
  open('quarantine', 'property')
  expect(names()).toEqual(['/quarantine', '/inspector', '/apiExplorer'])
})

it('is not there where there is nothing to choose', () => {
  open('devices', 'operator')
  expect(screen.queryByRole('navigation')).toBeNull()
  open('wall', 'system_admin')
  expect(screen.queryByRole('navigation')).toBeNull()
})
