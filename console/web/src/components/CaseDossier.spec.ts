import { fireEvent, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { download } from '@/composables/download'
import { agree, Refusal, serve, settled, show } from '@/testing'

import CaseDossier from './CaseDossier.vue'

vi.mock('@/composables/download', () => ({ download: vi.fn() }))
const stubs = { CaseHold: true, DossierFindings: { props: ['check'], template: '<p>found {{ check.whole }}</p>' } }
const open = (role: string, answers: Record<string, unknown>) => {
  const api = serve(answers)
  show(CaseDossier, { props: { incident: { id: 5, case_code: '510681' } }, role, stubs })
  return api
}
const URI = '/api/incidents/{incident_id}/dossier'

it('is handed out for a reason; personal data only where a leader says so', async () => {
  const { calls } = open('shift_leader', { [`GET ${URI}`]: new Blob(['x']) })
  await fireEvent.click(screen.getByTestId('dossier-export'))
  await fireEvent.click(screen.getByRole('checkbox'))
  await agree(' 诉讼 ')
  await settled()
  expect(calls('GET')[0]![1]).toMatchObject({ params: { path: { incident_id: 5 }, query: { reason: '诉讼', personal: true } } })
  expect(download).toHaveBeenCalledExactlyOnceWith(expect.any(Blob), 'dossier-510681.zip')
})

it('offers an operator no personal data, and hands out nothing that was refused', async () => {
  const { calls } = open('operator', { [`GET ${URI}`]: new Refusal(403, { title: 'no', detail: '须权限' }) })
  await fireEvent.click(screen.getByTestId('dossier-export'))
  expect(screen.queryByRole('checkbox')).toBeNull()
  await agree('诉讼')
  await settled()
  expect(calls('GET')[0]![1]).toMatchObject({ params: { query: { personal: false } } })
  expect(screen.getByRole('alert').textContent).toContain('须权限')
  expect(download).not.toHaveBeenCalled()
})

it('shows what the check found', async () => {
  open('operator', { [`GET ${URI}/check`]: { whole: true } })
  await fireEvent.click(screen.getByTestId('dossier-check'))
  expect(await screen.findByText('found true')).toBeTruthy()
})
