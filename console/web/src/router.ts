import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

import { useSession } from '@/stores/session'

export type RouteName = 'login' | 'watch' | 'incidents' | 'devices' | 'device' | 'import' | 'enrolment' | 'rollouts' | 'rules' | 'rule' | 'thresholds' | 'quiet' | 'quarantine'

const routes: (RouteRecordRaw & { name?: RouteName })[] = [
  { path: '/', redirect: { name: 'watch' } },
  { path: '/login', name: 'login', component: () => import('@/pages/LoginPage.vue') },
  { path: '/watch/:id(\\d+)?', name: 'watch', component: () => import('@/pages/WatchPage.vue') },
  { path: '/incidents/:id(\\d+)?', name: 'incidents', component: () => import('@/pages/IncidentsPage.vue') },
  { path: '/devices', name: 'devices', component: () => import('@/pages/DevicesPage.vue') },
  { path: '/devices/import', name: 'import', component: () => import('@/pages/ImportPage.vue') },
  { path: '/devices/enrolment', name: 'enrolment', component: () => import('@/pages/EnrolmentPage.vue') },
  { path: '/devices/rollouts', name: 'rollouts', component: () => import('@/pages/RolloutsPage.vue') },
  { path: '/device/:id', name: 'device', component: () => import('@/pages/DevicePage.vue') },
  { path: '/rules', name: 'rules', component: () => import('@/pages/RulesPage.vue') },
  { path: '/rules/:id', name: 'rule', component: () => import('@/pages/RulePage.vue') },
  { path: '/thresholds', name: 'thresholds', component: () => import('@/pages/ThresholdsPage.vue') },
  { path: '/quiet', name: 'quiet', component: () => import('@/pages/QuietPage.vue') },
  { path: '/quarantine', name: 'quarantine', component: () => import('@/pages/QuarantinePage.vue') },
  { path: '/:rest(.*)', redirect: { name: 'watch' } },
]

const MANAGERS: readonly RouteName[] = ['quarantine', 'import', 'enrolment', 'rollouts']

export const router = createRouter({ history: createWebHistory(), routes })

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.signedIn) return to.name === 'login' ? true : { name: 'login', query: { next: to.fullPath } }
  if (!session.me) await session.load().catch(() => undefined)
  if (!session.signedIn) return { name: 'login', query: { next: to.fullPath } }
  if (to.name === 'login') return { name: 'watch' }
  if (MANAGERS.includes(to.name as RouteName) && session.me && !session.mayManage) return { name: 'watch' }
  return true
})
