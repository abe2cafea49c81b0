import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { api, ask, setToken, whenUnauthorised } from '@/api/client'
import type { Me } from '@/api/types'

export type Role = Me['role']

const KEY = 'shequ.token'
const WHO = 'shequ.field' // who holds this phone: known without network

/** Who sits here. The token lives as long as the browser tab: a shared desk must not stay signed in; a phone of one's own may. */
export const useSession = defineStore('session', () => {
  const token = ref(sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY))
  const me = ref<Me | null>(token.value ? holder() : null)
  const expired = ref(false)

  const signedIn = computed(() => token.value !== null)
  const mayManage = computed(() => me.value?.role === 'system_admin' || me.value?.role === 'property')
  /** Property managers watch; the centre acts. */
  const mayAct = computed(() => ['system_admin', 'operator', 'shift_leader'].includes(me.value?.role ?? ''))

  /** Opens a case that no alert began. */
  const mayReport = computed(() => mayAct.value || mayManage.value)

  /** Keeps people, hours, resources and plans, in their own places. */
  const mayStaff = computed(() => ['system_admin', 'shift_leader', 'property'].includes(me.value?.role ?? ''))

  /** Sits at a desk with the live picture; an auditor does not. */
  const desk = computed(() => me.value !== null && !['auditor', 'security_admin', 'field'].includes(me.value.role))
  /** Who looked at which picture, and why: for shift leaders here, for auditors over HTTP; nobody reviews the looks of administrators but they. */
  const mayReview = computed(() => me.value?.role === 'shift_leader')
  /** Legal holds. */
  const mayLead = computed(() => ['system_admin', 'shift_leader'].includes(me.value?.role ?? ''))

  /** Sets channels and their tests up. */
  const mayConfigure = computed(() => me.value?.role === 'system_admin')

  setToken(token.value)
  whenUnauthorised(() => {
    expired.value = signedIn.value
    forget()
  })

  async function login(username: string, password: string): Promise<void> {
    const answer = await ask(
      api.POST('/api/token', {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: { username, password, grant_type: 'password', scope: '' },
        bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
      }),
    )
    expired.value = false
    keep(answer.access_token)
    await load()
  }

  async function load(): Promise<void> {
    me.value = await ask(api.GET('/api/me'))
    if (me.value.role !== 'field' || !token.value) return
    localStorage.setItem(KEY, token.value)
    localStorage.setItem(WHO, JSON.stringify(me.value))
  }

  async function logout(): Promise<void> {
    await ask(api.POST('/api/logout')).catch(() => undefined)
    forget()
  }

  function keep(value: string): void {
    token.value = value
    setToken(value)
    sessionStorage.setItem(KEY, value)
  }

  function forget(): void {
    token.value = null
    me.value = null
    setToken(null)
    sessionStorage.removeItem(KEY)
    localStorage.removeItem(KEY)
    localStorage.removeItem(WHO)
  }

  return { me, expired, signedIn, mayManage, mayAct, mayLead, mayReview, mayReport, mayConfigure, mayStaff, desk, login, load, logout }
})

function holder(): Me | null {
  const kept = localStorage.getItem(WHO)
  return kept ? (JSON.parse(kept) as Me) : null
}
