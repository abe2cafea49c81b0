import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { choose, handedOut, Refusal, serve, show } from '@/testing'

import ImportPage from './ImportPage.vue'

const sheet = new File(['id'], 'devices.csv')
const text = (blob: Blob) =>
  new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result)
    reader.readAsText(blob)
  })
const FINE = { rows: 2, good: 2, bad: 0, errors: [], sample: [], unknown: [] }
async function read(answers: Record<string, unknown>) {
  const { calls } = serve(answers)
  show(ImportPage, { role: 'property', stubs: { ImportPreview: { template: '<i data-testid="preview" />' } } })
  await choose(screen.getByTestId('import-file'), sheet)
  return calls
}

it('imports a sheet without a mistake, and lets the logins be saved while they are there', async () => {
  const login = { username: 'd1', password: 's', topic: 't' }
  const calls = await read({ 'POST /api/devices/import/preview': FINE, 'POST /api/devices/import': { added: 2, credentials: [login] } })
  await fireEvent.click(await screen.findByText('导入 2 台设备'))
  expect((await screen.findByTestId('import-done')).textContent).toMatch(/已导入 2 台设备.*口令只显示这一次/)
  const wish = calls('POST')[1]![1] as { params: { query: object }; bodySerializer: () => FormData }
  expect(wish.params.query).toEqual({ accounts: true })
  expect((wish.bodySerializer().get('file') as File).name).toBe('devices.csv')
  const files = handedOut()
  await fireEvent.click(screen.getByTestId('import-logins'))
  expect(files[0]!.name).toBe('logins.csv')
  await expect(text(files[0]!.content)).resolves.toContain('"d1","s","t"')
})

it('imports nothing of a sheet with a mistake', async () => {
  await read({ 'POST /api/devices/import/preview': { ...FINE, good: 1, bad: 1 } })
  expect(await screen.findByTestId('preview')).toBeTruthy()
  expect(screen.queryByTestId('import-go')).toBeNull()
})

it('says why a file could not be read, and takes the same file again', async () => {
  const calls = await read({ 'POST /api/devices/import/preview': new Refusal(422, { title: 'x', detail: '不是表格' }) })
  expect((await screen.findByTestId('import-failure')).textContent).toContain('不是表格')
  await choose(screen.getByTestId('import-file'), sheet)
  await waitFor(() => expect(calls('POST')).toHaveLength(2))
})

it('hands the template out', async () => {
  serve({ 'GET /api/devices/import/template': new Blob(['x']) })
  const files = handedOut()
  show(ImportPage, { role: 'property' })
  await fireEvent.click(screen.getByTestId('template-xlsx'))
  await waitFor(() => expect(files.map(({ name }) => name)).toEqual(['devices-template.xlsx']))
})
