import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, settled, show } from '@/testing'

import CaseLinks from './CaseLinks.vue'

const URI = '/api/incidents/{incident_id}/links'
const link = (id: number, more = {}) => ({ id, relation: `女儿${id}`, opened: 0, revoked_at: null, over: false, ...more })
const open = (answers: Record<string, unknown>, closed_at: string | null = null) => {
  const api = serve(answers)
  show(CaseLinks, { props: { incident: { id: 5, closed_at } } })
  return api
}

it('makes a link that is shown once, and sends it where a phone is given', async () => {
  const { calls } = open({ [`GET ${URI}`]: { items: [], contacts: [{ id: 'p1', name: '王女士' }] }, [`POST ${URI}`]: { url: 'https://x/f/1', sent: true } })
  await fireEvent.update(await screen.findByRole('combobox', { name: '登记的联系人' }), 'p1')
  await fireEvent.update(screen.getByTestId('link-relation'), ' 女儿 ')
  await fireEvent.submit(screen.getByTestId('link-make').closest('form')!)
  expect((await screen.findByTestId('link-url')).getAttribute('href')).toBe('https://x/f/1')
  expect(screen.getByText('已放入短信发送队列')).toBeTruthy()
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { incident_id: 5 } }, body: { relation: '女儿', person: 'p1', phone: undefined } })
})

it('revokes a link that still opens, and no other', async () => {
  const { calls } = open({ [`GET ${URI}`]: { items: [link(1), link(2, { revoked_at: 'x' }), link(3, { over: true })], contacts: [] }, [`POST ${URI}/{link_id}/revoke`]: { items: [link(1, { revoked_at: 'x' })], contacts: [] } })
  const buttons = await screen.findAllByRole('button', { name: '作废' })
  expect(buttons).toHaveLength(1)
  expect(screen.getByText('已失效')).toBeTruthy()
  await fireEvent.click(buttons[0]!)
  await settled()
  expect(calls('POST')[0]![1]).toMatchObject({ params: { path: { incident_id: 5, link_id: 1 } } })
  expect(screen.getByText('已作废')).toBeTruthy()
})

it('makes none for a closed case, and says why the server refuses one', async () => {
  open({ [`GET ${URI}`]: { items: [], contacts: [] } }, '2026-01-01T00:00:00Z')
  expect(screen.queryByTestId('link-make')).toBeNull()
  open({ [`GET ${URI}`]: { items: [], contacts: [] }, [`POST ${URI}`]: new Refusal(422, { title: 'no', detail: '没有联系人' }) })
  await fireEvent.submit(screen.getByTestId('link-make').closest('form')!)
  expect((await screen.findByRole('alert')).textContent).toContain('没有联系人')
  expect(screen.queryByTestId('link-url')).toBeNull()
})
