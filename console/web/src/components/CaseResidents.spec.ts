import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import CaseResidents from './CaseResidents.vue'

const near = (code: string, here = false) => ({ near: code, near_zh: code, near_en: code, here })
const ok = (data: object) => ({ data, response: new Response() }) as never

function as(role: string, items: object[]): void {
  useSession().me = { name: 'wang', role } as never
  const told = { fields: { 'p-7': 'e1-b1-301', 'p-8': 'e1-b1', 'p-8.away_until': '2099-01-02T03:00:00+08:00' }, until: new Date(Date.now() + 60_000).toISOString() }
  vi.spyOn(api, 'GET').mockImplementation(((path: string) => Promise.resolve(ok(path.includes('reveals') ? told : { items }))) as never)
  vi.spyOn(api, 'POST').mockResolvedValue(ok({ reveal: 4, until: '' }))
  render(CaseResidents, { props: { alert: 3 }, global: { plugins: [i18n] } })
}

beforeEach(() => {
  setActivePinia(createPinia())
  HTMLDialogElement.prototype.showModal = function () { this.open = true }
  HTMLDialogElement.prototype.close = function () { this.open = false }
})

it('says how many by which entrance, and no home, before a reason is given', async () => {
  as('operator', [near('1单元', true), near('1单元'), near('2单元')])
  const [first, second] = await screen.findAllByTestId('resident-entrance')
  expect(first!.textContent).toContain('2 人')
  expect(first!.textContent).toContain('就在告警处')
  expect(second!.textContent).not.toContain('就在告警处')
  expect(document.body.textContent).not.toContain('p-7')
  expect(api.POST).not.toHaveBeenCalled()
})

it('shows homes and who is away for a reason', async () => {
  as('operator', [near('1单元')])
  await fireEvent.click(await screen.findByTestId('residents-reveal'))
  await fireEvent.update(screen.getByRole('textbox'), '火警疏散')
  await fireEvent.submit(screen.getByRole('textbox').closest('form')!)
  const [home, away] = await screen.findAllByTestId('resident')
  expect(api.POST).toHaveBeenCalledWith('/api/alerts/{alert_id}/residents', expect.objectContaining({ body: { reason: '火警疏散' } }))
  expect(home!.textContent).toContain('e1-b1-301')
  expect(away!.textContent).toContain('外出')
})

it('asks nothing for those who send no help', () => {
  as('property', [near('1单元')])
  expect(api.GET).not.toHaveBeenCalled()
})
