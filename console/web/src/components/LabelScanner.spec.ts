import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { i18n } from '@/i18n'

import LabelScanner from './LabelScanner.vue'

const read = vi.fn<() => Promise<string | null>>()
const close = vi.fn()
vi.mock('@/scan/decoder', () => ({ openDecoder: () => Promise.resolve({ read, close }) }))

const open = () => render(LabelScanner, { global: { plugins: [i18n, createPinia()] } })
const file = new File(['x'], 'label.png', { type: 'image/png' })

beforeEach(() => {
  read.mockReset()
  vi.stubGlobal('createImageBitmap', () => Promise.resolve({ width: 1, height: 1, close: () => undefined }))
})
afterEach(() => {
  vi.unstubAllGlobals()
})

it('passes on what a hand scanner types and is ready for the next', async () => {
  const { emitted } = open()
  const field = screen.getByTestId<HTMLInputElement>('scan-typed')
  await fireEvent.update(field, ' SN-1 ')
  await fireEvent.submit(field.closest('form')!)
  expect(emitted()['found']).toEqual([['SN-1']])
  expect(field.value).toBe('')
})

it('finds the code in a picture, and says so where there is none', async () => {
  const { emitted } = open()
  read.mockResolvedValueOnce(null).mockResolvedValueOnce('SN-2')
  await fireEvent.change(screen.getByTestId('scan-file'), { target: { files: [file] } })
  expect((await screen.findByTestId('scan-nothing')).textContent).toContain('没有认出')
  await fireEvent.change(screen.getByTestId('scan-file'), { target: { files: [file] } })
  await waitFor(() => expect(emitted()['found']).toEqual([['SN-2']]))
  expect(screen.queryByTestId('scan-nothing')).toBeNull()
})

it('offers no camera where the browser gives none, and says why', () => {
  open()
  expect(screen.queryByTestId('scan-camera')).toBeNull()
  expect(screen.getByTestId('label-scanner').textContent).toContain('https')
})

it('says what a refused camera said', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError')) } })
  open()
  await fireEvent.click(screen.getByTestId('scan-camera'))
  expect((await screen.findByRole('alert')).textContent).toContain('没有获得相机许可')
})
