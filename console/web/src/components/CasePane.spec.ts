import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { useCaseReason } from '@/composables/useCaseInHand'
import { show } from '@/testing'

import CasePane from './CasePane.vue'

const NAMES = ['CallList', 'CaseActions', 'CaseAdvice', 'CaseCameras', 'CaseConfirm', 'CaseEvidence', 'CaseGroup', 'CaseHeader', 'CaseHeld', 'CaseHistory', 'CaseHolders', 'CasePlan', 'CaseWhy', 'FloorPlans', 'IncidentPanel', 'LogList']
const stubs = { ...Object.fromEntries(NAMES.map((name) => [name, { template: `<p data-testid="${name}" />` }])), CaseResidents: { setup: () => ({ reason: useCaseReason() }), template: '<p data-testid="reason">{{ reason() }}</p>' } }
const alert = (more = {}) => ({ id: 7, code: 'FIRE-001', severity: 1, state: 'open', device: null, place: 'EST1', version: 1, incident_id: null, ...more })
const open = (props: object) => show(CasePane, { props: { alert: alert(), detail: null, missing: false, actions: {}, group: [], ...props }, stubs })
const there = () => NAMES.filter((name) => screen.queryByTestId(name))

it('asks to pick one, or says that it is gone or not for this reader', () => {
  const { unmount } = open({ alert: null })
  expect(screen.getByText('从左侧队列选择一条告警')).toBeTruthy()
  expect(there()).toEqual([])
  unmount()
  open({ alert: null, missing: true })
  expect(screen.getByText(/告警不存在/)).toBeTruthy()
})

it('can be acted on before its evidence is read', async () => {
  const { emitted } = open({})
  expect(there()).toEqual(expect.arrayContaining(['CaseActions', 'CaseHeader', 'CasePlan']))
  expect(there()).not.toEqual(expect.arrayContaining(['CaseEvidence']))
  expect(screen.getByText('正在读取…')).toBeTruthy()
  expect(screen.queryByTestId('IncidentPanel')).toBeNull()
  await fireEvent.click(screen.getByTestId('back'))
  expect(emitted('back')).toHaveLength(1)
})

it('shows all of it once read, with the incident it belongs to', () => {
  open({ alert: alert({ incident_id: 5 }), detail: { log: [] } })
  expect(there()).toEqual(NAMES)
})

it('is the reason for every look within it', () => {
  open({})
  expect(screen.getByTestId('reason').textContent).toBe('处置警情 7')
})
