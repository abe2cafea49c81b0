import { screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CasePhoto from './CasePhoto.vue'

const photo = (id: number, more = {}) => ({ id, by_whom: '王网格', taken_at: '2026-01-01T00:00:00Z', sha256: 'abc', lat: 31.1234567, lon: 104, ...more })
const revoke = vi.fn()
beforeEach(() => {
  Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: revoke.mockReset() })
})

it('says who took it, when and where, and is let go with the page', async () => {
  serve({ 'GET /api/attachments/{attachment_id}': new Blob(['x']) })
  const { unmount } = show(CasePhoto, { props: { photo: photo(1) } })
  expect((await screen.findByRole('img')).getAttribute('alt')).toMatch(/^王网格 .*拍摄的现场照片$/)
  expect(screen.getByRole('figure').textContent).toContain('位置 31.12346, 104.00000')
  unmount()
  expect(revoke).toHaveBeenCalledWith('blob:x')
})

it('says that one is gone, and not so of the next', async () => {
  serve({ 'GET /api/attachments/{attachment_id}': (wish: { params: { path: { attachment_id: number } } }) => (wish.params.path.attachment_id === 1 ? new Refusal(404) : new Promise(() => undefined)) })
  const { rerender } = show(CasePhoto, { props: { photo: photo(1, { lat: null }) } })
  expect(await screen.findByText('照片打不开')).toBeTruthy()
  expect(screen.getByRole('figure').textContent).not.toContain('位置')
  await rerender({ photo: photo(2) })
  await settled()
  expect(screen.queryByText('照片打不开')).toBeNull()
})
