import { fireEvent, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { download } from '@/composables/download'
import { Refusal, serve, settled, show } from '@/testing'

import DeviceExport from './DeviceExport.vue'

vi.mock('@/composables/download', () => ({ download: vi.fn() }))
const open = (answer: unknown, filter: object) => {
  const api = serve({ 'GET /api/devices/export': answer })
  show(DeviceExport, { props: { filter } })
  return api
}

it('hands out the list as it is filtered, under a name that says what it is', async () => {
  const { calls } = open(new Blob(['x']), { profile: 'camera', lifecycle: '' })
  await fireEvent.click(screen.getByTestId('export-csv'))
  await settled()
  expect(calls('GET')[0]![1]).toMatchObject({ params: { query: { format: 'csv', profile: 'camera', lifecycle: undefined } }, parseAs: 'blob' })
  expect(download).toHaveBeenCalledExactlyOnceWith(expect.any(Blob), 'devices.csv')
})

it('says why it hands out nothing', async () => {
  open(new Refusal(403, { title: 'no', detail: '无导出权' }), { profile: '', lifecycle: '' })
  await fireEvent.click(screen.getByTestId('export-xlsx'))
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('无导出权')
  expect(download).not.toHaveBeenCalled()
})
