import type { RouteRecordRaw } from 'vue-router'

export type FieldRoute = 'field' | 'field-order' | 'field-login' | 'field-account'

/** The pages of whoever is out: a light layout of their own, and no desk around them. */
export const fieldRoutes: (RouteRecordRaw & { name: FieldRoute })[] = [
  { path: '/field', name: 'field', component: () => import('@/pages/FieldPage.vue'), meta: { field: true } },
  { path: '/field/login', name: 'field-login', component: () => import('@/pages/LoginPage.vue'), meta: { field: true } },
  { path: '/field/account', name: 'field-account', component: () => import('@/pages/FieldAccountPage.vue'), meta: { field: true } },
  { path: '/field/order/:id(\\d+)', name: 'field-order', component: () => import('@/pages/FieldOrderPage.vue'), meta: { field: true } },
]
