import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'
import { useSession } from '@/stores/session'

import FootageExports from './FootageExports.vue'
import FootageRequests from './FootageRequests.vue'
import PictureExportForm from './PictureExportForm.vue'

const request = { id: 9, organ: '公安局', document: '12号', basis: '刑诉法', device: 'cam-1', device_zh: '大门', device_en: 'Gate', recorded_from: '2026-03-01T03:00:00+08:00', recorded_until: '2026-03-01T04:00:00+08:00', note: '', state: 'open', taken_at: '2026-03-02T03:00:00+08:00', taken_by: 'wang', decided_at: null, decided_by: null, answer: '', officers: ['王**', '李**'], handed: 0 }
const said = (data: unknown) => Promise.resolve({ data, response: new Response(null) })

function leader(): ReturnType<typeof createPinia> {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSession().me = { name: 'sun', display_name: 'sun', role: 'shift_leader', scope: null, owes: '' }
  return pinia
}

afterEach(() => {
  vi.unstubAllGlobals()
})

it('shows who asks with which paper, and a second person decides', async () => {
  vi.spyOn(api, 'GET').mockImplementation((() => said({ items: [request, { ...request, id: 10, taken_by: 'sun' }], next: null })) as never)
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said({ ...request, state: 'approved' })) as never)
  render(FootageRequests, { global: { plugins: [i18n, leader()] } })
  const [row, own] = await screen.findAllByTestId('organ-row')
  for (const word of ['公安局', '12号', '王**', '待审批']) expect(row!.textContent).toContain(word)
  expect(own!.querySelector('[data-testid="organ-approve"]')).toBeNull()
  await fireEvent.click(screen.getByTestId('organ-approve'))
  await fireEvent.update(screen.getAllByTestId('confirm-reason').at(-1)!, '手续齐全')
  await fireEvent.submit(screen.getAllByTestId('confirm-go').at(-1)!.closest('form')!)
  await waitFor(() => expect(post.mock.calls[0]).toMatchObject(['/api/organ-requests/{request_id}/decision', { params: { path: { request_id: 9 } }, body: { state: 'approved', answer: '手续齐全' } }]))
})

it('hands a picture out with the regions that were drawn, and refuses what is no region', async () => {
  URL.createObjectURL = vi.fn(() => 'blob:x')
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
  const post = vi.spyOn(api, 'POST').mockImplementation((() => said(new Blob(['x']))) as never)
  const { emitted } = render(PictureExportForm, { props: { path: 'EST1/cam-1/1/2.jpg' }, global: { plugins: [i18n, createPinia()] } })
  await fireEvent.update(screen.getByTestId('export-regions'), 'plate')
  expect((screen.getByTestId('export-go') as HTMLButtonElement).disabled).toBe(true)
  for (const [name, text] of Object.entries({ regions: '40 70 12 5', recipient: '公安局', reason: '移交' })) await fireEvent.update(screen.getByTestId(`export-${name}`), text)
  await fireEvent.submit(screen.getByTestId('export-form'))
  await waitFor(() => expect(emitted()['close']).toHaveLength(1))
  expect(post.mock.calls[0]).toMatchObject(['/api/picture-exports', { body: { ref: 'EST1/cam-1/1/2.jpg', recipient: '公安局', request: null, cover: 'heads', regions: [[0.4, 0.7, 0.12, 0.05]] } }])
})

it('says that a file was never handed out here', async () => {
  vi.stubGlobal('isSecureContext', true)
  const get = vi.spyOn(api, 'GET').mockImplementation((() => said({ items: [], next: null })) as never)
  render(FootageExports, { global: { plugins: [i18n, createPinia()] } })
  const file = new File(['abc'], 'x.jpg')
  file.arrayBuffer = () => Promise.resolve(new TextEncoder().encode('abc').buffer as ArrayBuffer)
  const input = screen.getByTestId('export-check')
  Object.defineProperty(input, 'files', { value: [file] })
  input.dispatchEvent(new Event('change'))
  await waitFor(() => expect(screen.getByTestId('exports-none').textContent).toContain('没有导出过此文件'))
  expect(get.mock.lastCall).toMatchObject(['/api/picture-exports', { params: { query: { sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' } } }])
})
