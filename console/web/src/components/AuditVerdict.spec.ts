import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import AuditVerdict from './AuditVerdict.vue'

const look = async (answer: unknown) => {
  serve({ 'GET /api/audit/verdict': answer })
  show(AuditVerdict)
  await fireEvent.click(screen.getByTestId('audit-verify'))
}

it('says that the record is whole, and which hash to write down', async () => {
  await look({ findings: [], rows: 9, seals: 2, unsealed: 1, head: 'abc' })
  const verdict = await screen.findByTestId('audit-verdict')
  expect(verdict.textContent).toContain('9 条记录，2 个封存，1 条待封存')
  expect(verdict.textContent).toContain('abc')
})

it('names every break and never calls a broken record whole', async () => {
  await look({ findings: ['row 3', 'seal 1'], rows: 9, seals: 2, unsealed: 0, head: null })
  expect((await screen.findByTestId('audit-verdict')).textContent).toContain('2 处不符')
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(['row 3', 'seal 1'])
  expect(screen.queryByText(/记录完整/)).toBeNull()
})

it('says nothing of the record where the walk was refused', async () => {
  await look(new Refusal(503, { title: 'away' }))
  expect((await screen.findByRole('alert')).textContent).toContain('away')
  expect(screen.queryByTestId('audit-verdict')).toBeNull()
})
