import type { FieldRoute } from '@/field/routes'
import type { RouteName } from '@/router'
import type { Role } from '@/stores/session'

interface Section {
  /** The page that opens it, and its word in `nav`. */
  name: RouteName
  /** The pages below it. */
  below: readonly RouteName[]
  /** Whose bar shows it; the server decides what they may see there. */
  roles: readonly Role[]
}

const DESK = ['operator', 'shift_leader', 'property', 'developer', 'admin'] as const
const STAFF = ['operator', 'shift_leader', 'property', 'admin'] as const
const MAKERS = ['property', 'developer', 'admin'] as const

/** The sections of the console in the order of the bar: one table, so that a new page is one line. */
export const SECTIONS: readonly Section[] = [
  { name: 'watch', below: [], roles: DESK },
  { name: 'incidents', below: [], roles: DESK },
  { name: 'devices', below: ['device', 'import', 'enrolment', 'labels', 'rollouts'], roles: DESK },
  { name: 'rules', below: ['rule', 'thresholds', 'quiet'], roles: DESK },
  { name: 'organisation', below: ['people', 'peopleImport', 'roster', 'resources', 'plans', 'plan'], roles: STAFF },
  { name: 'kpi', below: ['report', 'repairs', 'points', 'ratings', 'verify'], roles: DESK },
  { name: 'delivery', below: [], roles: ['operator', 'shift_leader', 'property', 'admin'] },
  { name: 'quarantine', below: [], roles: MAKERS },
  { name: 'audit', below: [], roles: ['auditor'] },
]

/** The sections of one role. */
export function sectionsOf(role: Role | undefined): readonly Section[] {
  return SECTIONS.filter(({ roles }) => role !== undefined && roles.includes(role))
}

/** The section that a page belongs to. */
export function sectionOf(page: RouteName): RouteName | undefined {
  return SECTIONS.find(({ name, below }) => name === page || below.includes(page))?.name
}

/** Where somebody begins. */
export function homeOf(role: Role | undefined): RouteName | FieldRoute {
  return role === 'field' ? 'field' : (sectionsOf(role)[0]?.name ?? 'watch')
}
