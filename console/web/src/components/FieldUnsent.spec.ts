import { screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { waitingItems } from '@/field/queue'
import { settled, show } from '@/testing'

import FieldUnsent from './FieldUnsent.vue'

vi.mock('@/field/queue', () => ({ waitingItems: vi.fn() }))

it('says before the login how many steps wait on this phone, whoever made them', async () => {
  vi.mocked(waitingItems).mockResolvedValue([{ action: 'arrive', user: 'li' }, { action: 'note', user: 'me' }, { photo: new Blob(), user: 'me' }] as never)
  show(FieldUnsent)
  expect((await screen.findByTestId('login-unsent')).textContent).toContain('2 步未发送')
})

it('is silent where none waits', async () => {
  vi.mocked(waitingItems).mockResolvedValue([{ photo: new Blob() }] as never)
  show(FieldUnsent)
  await settled()
  expect(waitingItems).toHaveBeenCalled()
  expect(screen.queryByTestId('login-unsent')).toBeNull()
})
