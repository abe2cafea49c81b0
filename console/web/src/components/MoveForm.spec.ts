import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCatalogue } from '@/stores/catalogue'
import { useIncidents } from '@/stores/incidents'
import { show } from '@/testing'

import MoveForm from './MoveForm.vue'

const CASE = { id: 9, place: 'B1', estate: 'E', lead_org: null, outcome: null, cause: null, closed_at: null }
const other = (id: number, closed_at: string | null = null) => ({ ...CASE, id, case_code: `案${id}`, code: 'FIRE-001', closed_at })

function open(action: string, fields: string[], required = fields, more = {}) {
  const known = () => {
    useCatalogue().words = { orgs: [{ code: 'police', name_zh: '派出所', name_en: 'Police' }], causes: [{ code: 'cooking', name_zh: '做饭', name_en: 'Cooking' }], alerts: [] } as never
    const incidents = useIncidents()
    for (const one of [other(9), other(10), other(11, '2026-11-27T10:00:00Z')]) incidents.byId.set(one.id, one as never)
  }
  return show(MoveForm, { props: { incident: { ...CASE, ...more }, action, form: { fields, required: new Set(required) }, pending: false }, known })
}
const go = () => screen.getByTestId<HTMLButtonElement>('incident-submit')
const options = (field: string) => [...screen.getByTestId<HTMLSelectElement>(`incident-${field}`).options].map(({ value }) => value)

it('asks for what is required and gives no more than was said', async () => {
  const { emitted } = open('dispatch', ['org', 'hours', 'reason'], ['org'])
  expect(go().disabled).toBe(true)
  expect(go().textContent).toContain('派单')
  await fireEvent.update(screen.getByTestId('incident-org'), 'police')
  await fireEvent.update(screen.getByTestId('incident-hours'), '4')
  await fireEvent.click(go())
  expect(emitted('submit')).toEqual([[{ org: 'police', hours: 4 }]])
})

it('asks for hours where they are what a step is about', async () => {
  const { emitted } = open('ask_extension', ['hours'])
  await fireEvent.update(screen.getByTestId('incident-hours'), '')
  expect(go().disabled).toBe(true)
  await fireEvent.update(screen.getByTestId('incident-hours'), '24')
  await fireEvent.click(go())
  expect(emitted('submit')).toEqual([[{ hours: 24 }]])
})

it('takes no blank for a reason, and calls it by what the step asks', async () => {
  const { emitted } = open('report_back', ['reason'])
  expect(screen.getByLabelText('内容 · 必填')).toBe(screen.getByTestId('incident-reason'))
  await fireEvent.update(screen.getByTestId('incident-reason'), '   ')
  await fireEvent.submit(screen.getByTestId('incident-form'))
  expect(emitted('submit')).toBeUndefined()
})

it('begins with what the case knows, and offers its own place', () => {
  open('verify', ['outcome', 'cause', 'place'], [], { outcome: 'true_alarm', cause: 'cooking' })
  expect([screen.getByTestId<HTMLSelectElement>('incident-outcome').value, screen.getByTestId<HTMLSelectElement>('incident-cause').value]).toEqual(['true_alarm', 'cooking'])
  expect(options('place')).toEqual(['', 'B1', 'E'])
})

it('merges into another open case only', () => {
  open('merge', ['other'])
  expect(options('other')).toEqual(['', '10'])
})
