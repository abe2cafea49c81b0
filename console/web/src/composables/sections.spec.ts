import { describe, expect, it } from 'vitest'

import { homeOf, sectionOf, SECTIONS, sectionsOf, tabsOf } from './sections'

describe('sections', () => {
  it('shows everybody what is theirs, and nobody what is not', () => {
    expect(sectionsOf('operator').map(({ name }) => name)).not.toContain('quarantine')
    expect(sectionsOf('system_admin').map(({ name }) => name)).not.toContain('audit')
    expect(sectionsOf('auditor').map(({ name }) => name)).toEqual(['audit'])
    expect(sectionsOf('security_admin').map(({ name }) => name)).toEqual(['users'])
    expect(sectionsOf(undefined)).toEqual([])
  })

  it('knows the section of the pages below it', () => {
    expect(sectionOf('rollouts')).toBe('devices')
    expect(sectionOf('quiet')).toBe('rules')
    expect(sectionOf('login')).toBeUndefined()
  })

  it('names a page in one section only', () => {
    const pages = SECTIONS.flatMap(({ name, tabs, below }) => [name, ...tabs, ...below])
    expect(new Set(pages).size).toBe(pages.length)
  })

  it('offers the pages beside a page, and those of managers to managers only', () => {
    expect(tabsOf('quiet', 'operator')).toEqual(['rules', 'thresholds', 'quiet'])
    expect(tabsOf('device', 'property')).toContain('enrolment')
    expect(tabsOf('device', 'operator')).toEqual([])
    expect(tabsOf('quarantine', 'property')).toEqual(['quarantine', 'inspector', 'apiExplorer'])
    expect(tabsOf('watch', 'operator')).toEqual([])
  })

  it('begins where there is something to see', () => {
    expect(homeOf('auditor')).toBe('audit')
    expect(homeOf('operator')).toBe('watch')
    expect(homeOf('property')).toBe('today')
  })
})
