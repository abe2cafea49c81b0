import { fireEvent, render, screen } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { IncidentDetail } from '@/api/types'
import { i18n } from '@/i18n'

import CaseBelow from './CaseBelow.vue'

it('tells the centre below, with the reason, and says over which link', async () => {
  HTMLDialogElement.prototype.showModal = vi.fn()
  HTMLDialogElement.prototype.close = vi.fn()
  const tie = { link: 'town', name_zh: '', name_en: '', case_code: 'C1', mirrored: true }
  const post = vi.spyOn(api, 'POST').mockResolvedValue({ data: { items: [tie, { ...tie, link: 'up', mirrored: false }] }, response: new Response(null) } as never)
  const { emitted } = render(CaseBelow, { props: { incident: { id: 9 } as IncidentDetail }, global: { plugins: [i18n] } })
  await fireEvent.click(screen.getByTestId('below-send_back'))
  await fireEvent.update(screen.getByTestId('confirm-reason'), '补充照片')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  expect((await screen.findByRole('status')).textContent).toContain('town')
  expect((post.mock.calls[0]![1] as unknown as { body: unknown }).body).toEqual({ action: 'send_back', reason: '补充照片' })
  expect(emitted('told')).toHaveLength(1)
})
