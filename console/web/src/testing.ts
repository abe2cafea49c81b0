/** What specs of components share: an API that answers from a table, and somebody who looks at the component. */
import { fireEvent, render, screen, within, type RenderResult } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { vi } from 'vitest'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter, type RouteLocationNormalizedLoaded, type Router } from 'vue-router'

import { api } from '@/api/client'
import { learnServerTime } from '@/composables/useNow'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

type Table = Record<string, unknown>
type Call = [path: string, wish?: Record<string, unknown>]
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** An answer that is a refusal. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly problem: object = { title: 'no', status: 0 },
  ) {}
}

/** Let the API answer by method and path ('GET /api/today'); a function is given the request and may throw as a lost line does, what is not named is an error. */
export function serve(table: Table): { calls: (method: Method) => Call[] } {
  const methods: Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
  const spies = new Map(
    methods.map((method) => [
      method,
      vi.spyOn(api, method).mockImplementation((async (...[path, wish]: Call) => {
        const name = `${method} ${path}`
        if (!(name in table)) throw new Error(`no answer in this spec to ${name}`)
        const said = typeof table[name] === 'function' ? await (table[name] as (wish: unknown) => unknown)(wish) : table[name]
        return said instanceof Refusal ? { error: said.problem, response: new Response(null, { status: said.status }) } : { data: said, response: new Response(null) }
      }) as never),
    ]),
  )
  return { calls: (method) => spies.get(method)!.mock.calls as unknown as Call[] }
}

interface Look {
  props?: object
  role?: string
  lang?: 'zh' | 'en'
  at?: string // the page's address
  page?: { path: string; name?: string; meta?: object } // the route that stands at this address, where the component asks for its name or parameters
  stubs?: Record<string, unknown>
  slots?: Record<string, string>
  known?: () => void // fills stores before the first look
}

/** Show a component to somebody of a role, Chinese unless said otherwise; every route name exists and leads nowhere. */
export function show(component: Component, { props = {}, role, lang = 'zh', at = '/', page, stubs = {}, slots = {}, known }: Look = {}): RenderResult & { router: Router } {
  i18n.global.locale.value = lang
  const pinia = createPinia()
  setActivePinia(pinia)
  if (role) useSession(pinia).me = { name: 'me', role, scope: null } as never
  known?.()
  const nowhere = { component: { template: '<p />' } }
  const router = createRouter({ history: createMemoryHistory(), routes: [...(page ? [{ ...nowhere, ...page } as never] : []), { path: '/:rest(.*)*', ...nowhere }] })
  const { resolve, push, replace } = router
  router.resolve = ((to: unknown) => resolve(plain(to))) as never
  router.push = (to) => push(plain(to))
  router.replace = (to) => replace(plain(to))
  router.currentRoute.value = resolve(at) as RouteLocationNormalizedLoaded // a component is set up where its page is, not on the way there
  return { ...render(component, { props, slots, global: { plugins: [i18n, pinia, router], stubs: stubs as never } }), router }
}

/** Let everything answered so far be shown: for what must still be there, or must not come, afterwards. */
export const settled = (): Promise<void> => new Promise((done) => setTimeout(done))

/** The page's clock, and the machine's, stand still at a moment; timers run on. */
export function stopClock(at: string): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(at) })
  learnServerTime(at)
}

/** The files that are handed to the person at the browser, as they come. */
export function handedOut(): { name: string; content: Blob }[] {
  const files: { name: string; content: Blob }[] = []
  let content = new Blob()
  Object.assign(URL, { createObjectURL: (blob: Blob) => ((content = blob), 'blob:file'), revokeObjectURL: () => undefined }) // jsdom has neither
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    files.push({ name: this.download, content })
  })
  return files
}

/** Choose a file, as the dialog of the browser does. */
export async function choose(input: HTMLElement, file: File): Promise<void> {
  Object.defineProperty(input, 'files', { value: [file], configurable: true })
  await fireEvent(input, new Event('change'))
}

/** Say yes in the dialog that is open, for a reason where one is asked. */
export async function agree(reason?: string): Promise<void> {
  const dialog = screen.getAllByTestId<HTMLDialogElement>('confirm').find(({ open }) => open)
  if (!dialog) throw new Error('no dialog asks')
  if (reason !== undefined) await fireEvent.update(within(dialog).getByTestId('confirm-reason'), reason)
  await fireEvent.submit(within(dialog).getByTestId('confirm-go').closest('form')!)
}

interface Named { name: string; params?: Record<string, string>; query?: Record<string, string | undefined> }

const plain = (to: unknown): string => (typeof to === 'object' && to && 'name' in to ? addressOf(to as Named) : (to as string))

/** `{ name: 'device', params: { id: 'd1' }, query: { tab: 'x' } }` is shown as `/device/d1?tab=x`. */
function addressOf({ name, params = {}, query = {} }: Named): string {
  const asked = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined)).toString()
  return `/${[name, ...Object.values(params)].join('/')}${asked && `?${asked}`}`
}
