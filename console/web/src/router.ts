import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

import { openAnew } from '@/api/anew'
import { homeOf, mayOpen, sectionOf, sectionsOf } from '@/composables/sections'
import { fieldRoutes, type FieldRoute } from '@/field/routes'
import { useSession } from '@/stores/session'

export type RouteName = 'today' | 'login' | 'firstRun' | 'account' | 'users' | 'watch' | 'wall' | 'incidents' | 'newCase' | 'devices' | 'device' | 'import' | 'enrolment' | 'labels' | 'scan' | 'rollouts' | 'rules' | 'rule' | 'thresholds' | 'quiet' | 'organisation' | 'place' | 'people' | 'peopleImport' | 'roster' | 'resources' | 'privacy' | 'footage' | 'plans' | 'plan' | 'delivery' | 'quarantine' | 'inspector' | 'simulation' | 'apiExplorer' | 'audit' | 'auditFootage' | 'kpi' | 'report' | 'repairs' | 'points' | 'ratings' | 'goals' | 'verify' | 'selfcheck'

const routes: (RouteRecordRaw & { name?: RouteName | FieldRoute })[] = [
  { path: '/', redirect: (to) => ({ name: 'watch', query: to.query }) },
  ...fieldRoutes,
  { path: '/login', name: 'login', component: () => import('@/pages/LoginPage.vue') },
  { path: '/first-run', name: 'firstRun', component: () => import('@/pages/FirstRunPage.vue') },
  { path: '/account', name: 'account', component: () => import('@/pages/AccountPage.vue') },
  { path: '/users', name: 'users', component: () => import('@/pages/UsersPage.vue') },
  { path: '/today', name: 'today', component: () => import('@/pages/TodayPage.vue') },
  { path: '/watch/:id(\\d+)?', name: 'watch', component: () => import('@/pages/WatchPage.vue') },
  { path: '/wall', name: 'wall', component: () => import('@/pages/WallPage.vue'), meta: { wall: true } },
  { path: '/incidents/:id(\\d+)?', name: 'incidents', component: () => import('@/pages/IncidentsPage.vue') },
  { path: '/incidents/new', name: 'newCase', component: () => import('@/pages/NewCasePage.vue') },
  { path: '/devices', name: 'devices', component: () => import('@/pages/DevicesPage.vue') },
  { path: '/devices/import', name: 'import', component: () => import('@/pages/ImportPage.vue') },
  { path: '/devices/enrolment', name: 'enrolment', component: () => import('@/pages/EnrolmentPage.vue') },
  { path: '/devices/labels', name: 'labels', component: () => import('@/pages/LabelsPage.vue') },
  { path: '/devices/scan', name: 'scan', component: () => import('@/pages/ScanPage.vue') },
  { path: '/devices/rollouts', name: 'rollouts', component: () => import('@/pages/RolloutsPage.vue') },
  { path: '/device/:id', name: 'device', component: () => import('@/pages/DevicePage.vue') },
  { path: '/rules', name: 'rules', component: () => import('@/pages/RulesPage.vue') },
  { path: '/rules/:id', name: 'rule', component: () => import('@/pages/RulePage.vue') },
  { path: '/thresholds', name: 'thresholds', component: () => import('@/pages/ThresholdsPage.vue') },
  { path: '/quiet', name: 'quiet', component: () => import('@/pages/QuietPage.vue') },
  { path: '/organisation', name: 'organisation', component: () => import('@/pages/OrganisationPage.vue') },
  { path: '/organisation/places/:id', name: 'place', component: () => import('@/pages/PlacePage.vue'), props: true },
  { path: '/organisation/people', name: 'people', component: () => import('@/pages/PeoplePage.vue') },
  { path: '/organisation/people/import', name: 'peopleImport', component: () => import('@/pages/PeopleImportPage.vue') },
  { path: '/organisation/roster', name: 'roster', component: () => import('@/pages/RosterPage.vue') },
  { path: '/organisation/resources', name: 'resources', component: () => import('@/pages/ResourcesPage.vue') },
  { path: '/organisation/privacy', name: 'privacy', component: () => import('@/pages/PrivacyPage.vue') },
  { path: '/organisation/footage', name: 'footage', component: () => import('@/pages/FootagePage.vue') },
  { path: '/organisation/plans', name: 'plans', component: () => import('@/pages/PlansPage.vue') },
  { path: '/organisation/plans/:id', name: 'plan', component: () => import('@/pages/PlanPage.vue'), props: true },
  { path: '/delivery', name: 'delivery', component: () => import('@/pages/DeliveryPage.vue') },
  { path: '/quarantine', name: 'quarantine', component: () => import('@/pages/QuarantinePage.vue') },
  { path: '/inspector', name: 'inspector', component: () => import('@/pages/InspectorPage.vue') },
  { path: '/simulation', name: 'simulation', component: () => import('@/pages/SimulationPage.vue') },
  { path: '/api-explorer', name: 'apiExplorer', component: () => import('@/pages/ApiPage.vue') },
  { path: '/selfcheck', name: 'selfcheck', component: () => import('@/pages/SelfCheckPage.vue') },
  { path: '/kpi', name: 'kpi', component: () => import('@/pages/KpiPage.vue') },
  { path: '/kpi/report', name: 'report', component: () => import('@/pages/ReportPage.vue') },
  { path: '/kpi/repairs', name: 'repairs', component: () => import('@/pages/RepairsPage.vue') },
  { path: '/kpi/points', name: 'points', component: () => import('@/pages/PointsPage.vue') },
  { path: '/kpi/ratings', name: 'ratings', component: () => import('@/pages/RatingsPage.vue') },
  { path: '/kpi/goals', name: 'goals', component: () => import('@/pages/GoalsPage.vue') },
  { path: '/kpi/verify', name: 'verify', component: () => import('@/pages/VerifyPage.vue') },
  { path: '/audit', name: 'audit', component: () => import('@/pages/AuditPage.vue') },
  { path: '/audit/footage', name: 'auditFootage', component: () => import('@/pages/AuditFootagePage.vue') },
  { path: '/:rest(.*)', redirect: { name: 'watch' } },
]

export const router = createRouter({ history: createWebHistory(), routes })

router.beforeEach(async (to) => {
  const session = useSession()
  const out = to.meta['field'] === true
  const bare = to.redirectedFrom?.path === '/' // no page was asked for: everybody begins at their own
  const signIn = { name: out ? 'field-login' : 'login', query: { next: out ? to.path : bare ? undefined : to.fullPath, expired: to.query['expired'] } }
  const asking = to.name === 'login' || to.name === 'field-login'
  if (to.name === 'firstRun') return true
  if (!session.signedIn && to.query['in']) await session.resume().catch(() => undefined) // back from the identity server
  if (!session.signedIn) return asking ? true : signIn
  if (!session.me) await session.load().catch(() => undefined)
  if (!session.signedIn) return signIn
  const page = to.name as RouteName
  const home = { name: homeOf(session.me?.role) }
  const own = session.me?.role === 'field' ? 'field-account' : 'account'
  if (session.me?.owes) return to.name === own ? true : { name: own }
  if (asking || (bare && page !== home.name) || (session.me?.role === 'field' && !out)) return home
  const section = sectionOf(page)
  if (section && !sectionsOf(session.me?.role).some(({ name }) => name === section)) return page === home.name ? true : home
  if (session.me && !mayOpen(page, session.me.role)) return home
  return true
})

// A page's code could not be fetched: the server is away, or was upgraded under this page.
router.onError((cause, to) => {
  console.error(cause)
  void openAnew(to.fullPath)
})
