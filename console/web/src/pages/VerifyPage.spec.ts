import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { choose, Refusal, serve, show } from '@/testing'

import VerifyPage from './VerifyPage.vue'

const CHECK = { case_code: '5106', head: 'abc', exported: { by: 'li', reason: '移送' }, handed_out: '2026-03-01T00:00:00Z' }
const file = new File(['zip'], 'dossier.zip')
async function check(answer: unknown) {
  const { calls } = serve({ 'POST /api/dossier/verify': answer })
  show(VerifyPage, { role: 'operator', stubs: { DossierFindings: true } })
  await choose(screen.getByTestId('verify-file'), file)
  return calls
}

it('sends the file as it is, and says which case it is, who exported it why and when it was handed out', async () => {
  const calls = await check(CHECK)
  expect((await screen.findByTestId('verify-result')).textContent).toMatch(/5106.*abc.*li · 移送/)
  const wish = calls('POST')[0]![1] as { bodySerializer: () => File; headers: object }
  expect(wish.bodySerializer()).toBe(file)
  expect(wish.headers).toEqual({ 'Content-Type': 'application/zip' })
  expect(document.querySelector('.error')).toBeNull()
})

it('warns of a dossier that was not handed out here', async () => {
  await check({ ...CHECK, handed_out: null })
  await screen.findByTestId('verify-result')
  expect(document.querySelector('.error')).toBeTruthy()
})

it('shows no older result beside the reason why a file could not be read', async () => {
  const answers: unknown[] = [CHECK, new Refusal(422, { title: 'x', detail: '不是卷宗' })]
  await check(() => answers.shift())
  await screen.findByTestId('verify-result')
  await choose(screen.getByTestId('verify-file'), file)
  expect((await screen.findByRole('alert')).textContent).toContain('不是卷宗')
  expect(screen.queryByTestId('verify-result')).toBeNull()
})
