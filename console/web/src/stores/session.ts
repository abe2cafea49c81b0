import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

import { api, ask, whenUnauthorised } from '@/api/client'
import type { Me } from '@/api/types'

export type Role = Me['role']

const KEY = 'shequ.in' // that somebody signed in here; the token itself is in a cookie no script reads
const WHO = 'shequ.field' // who holds this phone: known without network

/** Who sits here. Being signed in lives as long as the browser tab: a shared desk must not stay signed in; a phone of one's own may. */
export const useSession = defineStore('session', () => {
  const signedIn = ref((sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY)) !== null)
  const me = ref<Me | null>(signedIn.value ? holder() : null)
  const expired = ref(false)

  const mayManage = computed(() => me.value?.role === 'system_admin' || me.value?.role === 'property')
  /** Property managers watch; the centre acts. */
  const mayAct = computed(() => ['system_admin', 'operator', 'shift_leader'].includes(me.value?.role ?? ''))

  /** Opens a case that no alert began. */
  const mayReport = computed(() => mayAct.value || mayManage.value)

  /** Keeps people, hours, resources and plans, in their own places. */
  const mayStaff = computed(() => ['system_admin', 'shift_leader', 'property'].includes(me.value?.role ?? ''))

  /** Sits at a desk with the live picture; an auditor does not. */
  const desk = computed(() => me.value !== null && !['auditor', 'security_admin', 'field'].includes(me.value.role))
  /** Who looked at which picture, and why: for shift leaders here; auditors have a page of their own. Nobody else reviews the looks of administrators. */
  const mayReview = computed(() => me.value?.role === 'shift_leader')

  /** Takes the request of a state organ. */
  const mayTake = computed(() => ['operator', 'shift_leader'].includes(me.value?.role ?? ''))
  /** Sends help, and so learns who needs it. */
  const maySendHelp = mayTake
  /** Legal holds. */
  const mayLead = computed(() => ['system_admin', 'shift_leader'].includes(me.value?.role ?? ''))

  /** Sets channels and their tests up. */
  const mayConfigure = computed(() => me.value?.role === 'system_admin')

  whenUnauthorised(() => {
    expired.value = signedIn.value
    forget()
  })

  async function login(username: string, password: string, otp = ''): Promise<void> {
    await ask(
      api.POST('/api/session', {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: { username, password, otp, grant_type: 'password', scope: '' },
        bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
      }),
    )
    expired.value = false
    await resume()
  }

  /** Find out whose session the cookie is: after a login here, or at the county's identity server. */
  async function resume(): Promise<void> {
    signedIn.value = true
    sessionStorage.setItem(KEY, '1')
    await load()
  }

  async function load(): Promise<void> {
    me.value = await ask(api.GET('/api/me'))
    if (me.value.role !== 'field') return
    localStorage.setItem(KEY, '1')
    localStorage.setItem(WHO, JSON.stringify(me.value))
  }

  async function logout(): Promise<void> {
    await ask(api.POST('/api/logout')).catch(() => undefined)
    forget()
  }

  function forget(): void {
    signedIn.value = false
    me.value = null
    sessionStorage.removeItem(KEY)
    localStorage.removeItem(KEY)
    localStorage.removeItem(WHO)
  }

  return { me, expired, signedIn, mayManage, mayAct, mayLead, mayReview, mayTake, maySendHelp, mayReport, mayConfigure, mayStaff, desk, login, resume, load, logout }
})

function holder(): Me | null {
  const kept = localStorage.getItem(WHO)
  return kept ? (JSON.parse(kept) as Me) : null
}
