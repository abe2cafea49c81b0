import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { choose, Refusal, serve, show } from '@/testing'

import PeopleImportPage from './PeopleImportPage.vue'

const FINE = { rows: 2, good: 2, bad: 0, errors: [], sample: [], unknown: [] }
async function read(preview: unknown, done: unknown = { added: 2 }) {
  const { calls } = serve({ 'POST /api/people/import/preview': preview, 'POST /api/people/import': done })
  show(PeopleImportPage, { role: 'property', stubs: { ImportPreview: { template: '<i data-testid="preview" />' } } })
  await choose(screen.getByTestId('people-file'), new File(['id'], 'people.csv'))
  return calls
}

it('imports a sheet without a mistake, speaks of people, and says how many came', async () => {
  const calls = await read(FINE)
  const go = await screen.findByTestId('people-go')
  expect(go.textContent).toBe('导入 2 人')
  await fireEvent.click(go)
  expect((await screen.findByTestId('people-added')).textContent).toBe('已导入 2 人')
  expect(screen.queryByTestId('preview')).toBeNull()
  const wish = calls('POST')[1]![1] as { bodySerializer: () => FormData }
  expect((wish.bodySerializer().get('file') as File).name).toBe('people.csv')
})

it('imports nothing of a sheet with a mistake', async () => {
  await read({ ...FINE, errors: [{}] })
  expect(await screen.findByTestId('preview')).toBeTruthy()
  expect(screen.queryByTestId('people-go')).toBeNull()
})

it('says why the server took none, and keeps what was read', async () => {
  await read(FINE, new Refusal(409, { title: 'x', detail: '编号已存在' }))
  await fireEvent.click(await screen.findByTestId('people-go'))
  expect((await screen.findByRole('alert')).textContent).toContain('编号已存在')
  await waitFor(() => expect((screen.getByTestId('people-go') as HTMLButtonElement).disabled).toBe(false))
})
