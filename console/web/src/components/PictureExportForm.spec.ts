import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { download } from '@/composables/download'
import { Refusal, serve, show } from '@/testing'

import PictureExportForm from './PictureExportForm.vue'

vi.mock('@/composables/download', () => ({ download: vi.fn() }))

async function fill(answer: unknown) {
  const api = serve({ 'POST /api/picture-exports': answer })
  const page = show(PictureExportForm, { props: { path: 'cam-1/2026/x.jpg' } })
  await fireEvent.update(screen.getByTestId('export-recipient'), '派出所')
  await fireEvent.update(screen.getByTestId('export-reason'), '失窃')
  return { ...api, ...page }
}
const go = () => screen.getByTestId<HTMLButtonElement>('export-go')

it('hands a file out with what is hidden in it, and closes', async () => {
  const file = new Blob(['x'])
  const { calls, emitted } = await fill(file)
  await fireEvent.update(screen.getByTestId('export-regions'), '40 70 12 5')
  await fireEvent.update(screen.getByTestId('export-request'), '8')
  await fireEvent.click(go())
  await waitFor(() => expect(emitted('close')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ ref: 'cam-1/2026/x.jpg', recipient: '派出所', reason: '失窃', request: 8, cover: 'heads', regions: [[0.4, 0.7, 0.12, 0.05]] })
  expect(download).toHaveBeenCalledWith(file, 'export-x.jpg')
})

it('stands ready for the first word where it opens', () => {
  const focus = vi.spyOn(HTMLElement.prototype, 'focus')
  show(PictureExportForm, { props: { path: 'x.jpg' } })
  expect(focus.mock.contexts).toEqual([screen.getByTestId('export-recipient')])
})

it('hands nothing out while a region is not understood', async () => {
  const { calls } = await fill(new Blob())
  await fireEvent.update(screen.getByTestId('export-regions'), '40 70')
  expect(screen.getByRole('alert').textContent).toContain('每行写四个')
  expect(go().disabled).toBe(true)
  await fireEvent.submit(screen.getByTestId('export-form'))
  expect(calls('POST')).toEqual([])
})

it('stays open where it is refused', async () => {
  const { emitted } = await fill(new Refusal(403, { title: '', detail: '只有值班长可以导出', status: 403 }))
  vi.mocked(download).mockClear()
  await fireEvent.click(go())
  expect((await screen.findByRole('alert')).textContent).toContain('只有值班长可以导出')
  expect(emitted('close')).toBeUndefined()
  expect(download).not.toHaveBeenCalled()
})
