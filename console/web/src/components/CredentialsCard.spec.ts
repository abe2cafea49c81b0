import { fireEvent, screen } from '@testing-library/vue'
import { afterEach, expect, it, vi } from 'vitest'

import { settled, show } from '@/testing'

import CredentialsCard from './CredentialsCard.vue'

const open = (writeText?: (text: string) => Promise<void>) => {
  vi.stubGlobal('navigator', writeText ? { clipboard: { writeText } } : {})
  return show(CredentialsCard, { props: { title: '新口令', credentials: { username: 'smoke-1', password: 'p-1', topic: null } } })
}
afterEach(() => void vi.unstubAllGlobals())

it('shows a password once and is put away by whoever wrote it down', async () => {
  const { emitted } = open()
  expect(screen.getByRole('status').textContent).toContain('口令只显示这一次')
  expect(['username', 'password', 'topic'].map((key) => screen.getByTestId(`credentials-${key}`).textContent)).toEqual(['smoke-1', 'p-1', '—'])
  expect(screen.queryByRole('button', { name: '复制' }), 'no clipboard without HTTPS').toBeNull()
  await fireEvent.click(screen.getByTestId('credentials-done'))
  expect(emitted('done')).toHaveLength(1)
})

it('copies all of it', async () => {
  const write = vi.fn().mockResolvedValue(undefined)
  open(write)
  await fireEvent.click(screen.getByRole('button', { name: '复制' }))
  await settled()
  expect(write.mock.calls[0]![0]).toMatch(/smoke-1\n.*p-1\n/)
  expect(screen.getByRole('button', { name: '已复制' })).toBeTruthy()
})

it('does not say copied where the browser forbids it', async () => {
  open(() => Promise.reject(new DOMException('no', 'NotAllowedError')))
  await fireEvent.click(screen.getByRole('button', { name: '复制' }))
  await settled()
  expect(screen.getByRole('alert').textContent).toContain('选中文字')
  expect(screen.queryByText('已复制')).toBeNull()
})
