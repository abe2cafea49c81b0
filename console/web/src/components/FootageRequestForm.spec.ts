import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import FootageRequestForm from './FootageRequestForm.vue'

const PAPERS = { organ: '公安局', document: '川公 1 号', basis: '刑诉法', device: 'cam-1', from: '2026-11-20T08:00', until: '2026-11-20T09:00', 'officer-1': '赵', 'badge-1': '001', 'officer-2': '钱' }

async function fill(answer: unknown) {
  const api = serve({ 'POST /api/organ-requests': answer })
  const page = show(FootageRequestForm)
  for (const [field, value] of Object.entries(PAPERS)) await fireEvent.update(screen.getByTestId(`organ-${field}`), value)
  return { ...api, ...page }
}

it('takes no request with one officer, and writes both down', async () => {
  const { calls, emitted } = await fill({ id: 1 })
  await fireEvent.click(screen.getByTestId('organ-save'))
  expect(calls('POST')).toEqual([])
  await fireEvent.update(screen.getByTestId('organ-badge-2'), ' 002 ')
  await fireEvent.click(screen.getByTestId('organ-save'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  const times = { recorded_from: new Date(PAPERS.from).toISOString(), recorded_until: new Date(PAPERS.until).toISOString() }
  expect(calls('POST')[0]![1]!['body']).toEqual({ organ: '公安局', document: '川公 1 号', basis: '刑诉法', device: 'cam-1', note: '', officers: [{ name: '赵', badge: '001' }, { name: '钱', badge: '002' }], ...times })
})

it('says why the server takes it not', async () => {
  const { emitted } = await fill(new Refusal(404, { title: '没有这台摄像机', status: 404 }))
  await fireEvent.update(screen.getByTestId('organ-badge-2'), '002')
  await fireEvent.click(screen.getByTestId('organ-save'))
  expect((await screen.findByRole('alert')).textContent).toContain('没有这台摄像机')
  expect(emitted('done')).toBeUndefined()
})
