import type { FieldRoute } from '@/field/routes'
import type { RouteName } from '@/router'
import type { Role } from '@/stores/session'

interface Section {
  /** The page that opens it, and its word in `nav`. */
  name: RouteName
  /** The pages beside it, in its own bar (SectionNav). */
  tabs: readonly RouteName[]
  /** The pages that one of them leads to. */
  below: readonly RouteName[]
  /** Whose bar shows it; the server decides what they may see there. */
  roles: readonly Role[]
}

const DESK = ['operator', 'shift_leader', 'property', 'developer', 'system_admin'] as const
const STAFF = ['operator', 'shift_leader', 'property', 'system_admin'] as const
const MAKERS = ['property', 'developer', 'system_admin'] as const

/** The sections of the console in the order of the bar: one table, so that a new page is one line. */
export const SECTIONS: readonly Section[] = [
  { name: 'today', tabs: [], below: [], roles: ['property'] },
  { name: 'watch', tabs: [], below: [], roles: DESK },
  { name: 'wall', tabs: [], below: [], roles: DESK },
  { name: 'incidents', tabs: [], below: ['newCase'], roles: DESK },
  { name: 'devices', tabs: ['scan', 'enrolment', 'labels', 'import', 'rollouts'], below: ['device'], roles: DESK },
  { name: 'rules', tabs: ['thresholds', 'quiet'], below: ['rule'], roles: DESK },
  { name: 'organisation', tabs: ['people', 'roster', 'resources', 'plans', 'privacy', 'footage'], below: ['peopleImport', 'plan', 'place'], roles: STAFF },
  { name: 'kpi', tabs: ['report', 'repairs', 'points', 'ratings', 'goals', 'verify'], below: [], roles: DESK },
  { name: 'delivery', tabs: [], below: [], roles: STAFF },
  { name: 'selfcheck', tabs: [], below: [], roles: DESK },
  { name: 'quarantine', tabs: ['inspector', 'simulation', 'apiExplorer'], below: [], roles: MAKERS },
  { name: 'users', tabs: [], below: [], roles: ['security_admin'] },
  { name: 'audit', tabs: ['auditFootage'], below: [], roles: ['auditor'] },
]

/** The sections of one role. */
export function sectionsOf(role: Role | undefined): readonly Section[] {
  return SECTIONS.filter(({ roles }) => role !== undefined && roles.includes(role))
}

/** The section that a page belongs to. */
export function sectionOf(page: RouteName): RouteName | undefined {
  return SECTIONS.find(({ name, tabs, below }) => name === page || tabs.includes(page) || below.includes(page))?.name
}

/** Where somebody begins. */
export function homeOf(role: Role | undefined): RouteName | FieldRoute {
  return role === 'field' ? 'field' : (sectionsOf(role)[0]?.name ?? 'watch')
}

const MANAGERS = ['property', 'system_admin'] as const
const BUILDERS = ['developer', 'system_admin'] as const

/** Pages that not everybody of their section may open. */
const ONLY: Partial<Record<RouteName, readonly Role[]>> = {
  import: MANAGERS,
  enrolment: MANAGERS,
  labels: MANAGERS,
  scan: MANAGERS,
  rollouts: MANAGERS,
  simulation: BUILDERS,
}

/** Whether a role may open a page of its sections. */
export function mayOpen(page: RouteName, role: Role): boolean {
  return ONLY[page]?.includes(role) ?? true
}

/** The pages of a page's section, itself first; none where there is nothing to choose. */
export function tabsOf(page: RouteName, role: Role | undefined): readonly RouteName[] {
  const section = SECTIONS.find(({ name }) => name === sectionOf(page))
  const tabs = (section?.tabs ?? []).filter((tab) => role !== undefined && mayOpen(tab, role))
  return section && tabs.length > 0 ? [section.name, ...tabs] : []
}
