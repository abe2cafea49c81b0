import { render, screen, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useCatalogue } from '@/stores/catalogue'

import TodayPage from './TodayPage.vue'

const answer = (data: unknown) => ({ data, response: new Response(null) }) as never
const nowhere = { template: '<p />' }
const router = createRouter({
  history: createMemoryHistory(),
  routes: [
    { path: '/', component: nowhere },
    { path: '/device/:id', name: 'device', component: nowhere },
    { path: '/incidents/:id', name: 'incidents', component: nowhere },
    { path: '/people', name: 'people', component: nowhere },
  ],
})
const chore = (subject: string) => ({ subject, name_zh: `名${subject}`, name_en: subject, place: 'EST1', since: '2026-03-01T00:00:00Z', detail: 'x' })
const serve = (kinds: unknown[]) => vi.spyOn(api, 'GET').mockImplementation((path) => Promise.resolve(answer((path as string) === '/api/today' ? { kinds } : { items: [] })))
const open = () => render(TodayPage, { global: { plugins: [i18n, createPinia(), router] } })

it('keeps the order of the server, and each chore leads where it is mended', async () => {
  const kinds = [
    { kind: 'offline', total: 21, items: [chore('d1')] },
    { kind: 'contact', total: 1, items: [chore('p1')] },
  ]
  serve(kinds)
  open()
  const [first, second] = await screen.findAllByTestId('chores')
  expect(within(first!).getByRole('link').getAttribute('href')).toBe('/device/d1?tab=health')
  expect(first!.textContent).toContain('另有 20 项')
  expect(within(second!).getByRole('link').getAttribute('href')).toBe('/people?row=p1')
  expect(second!.textContent).not.toContain('另有')
})

it('says so where there is nothing to do', async () => {
  serve([])
  open()
  expect((await screen.findByTestId('today-empty')).textContent).toBe('今天没有待办')
})

it('says of a case what it is about, not only its number', async () => {
  const incident = { case_code: '5106812026112701000001', code: 'FIRE-001', severity: 1 }
  serve([{ kind: 'order', total: 1, items: [{ ...chore('7'), detail: 'sent', incident }] }])
  open()
  useCatalogue().words = { alerts: [{ code: 'FIRE-001', name_zh: '烟雾报警', name_en: 'Smoke' }] } as never
  const row = await screen.findByTestId('chore')
  expect(row.getAttribute('href')).toBe('/incidents/7')
  expect(within(row).getByText('烟雾报警').tagName).toBe('STRONG')
  expect(row.textContent).toContain('待签收')
  expect(row.textContent).toContain('案号 5106812026112701000001')
})
