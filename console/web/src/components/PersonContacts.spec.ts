import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import PersonContacts from './PersonContacts.vue'

const way = (channel: string, more = {}) => ({ channel, address: null, worst: 2, quiet_from: null, quiet_to: null, language: 'zh', enabled: true, ...more })
const [GET, PUT] = ['GET /api/deliver/contacts/{person}', 'PUT /api/deliver/contacts/{person}']

async function open(table: Record<string, unknown> = {}) {
  const api = serve({ [GET]: { items: [way('sms'), way('email', { address: 'l***@x.cn', enabled: false, quiet_from: '22:00:00', quiet_to: '07:00:00' })] }, ...table })
  show(PersonContacts, { props: { id: 'p1' }, role: 'shift_leader' })
  return api
}

it('looks only when asked, for a look is on record', async () => {
  const { calls } = await open()
  expect(calls('GET')).toEqual([])
  await fireEvent.click(screen.getByTestId('contacts-open'))
  const [sms, email] = await screen.findAllByTestId('contact')
  expect(sms!.textContent).toMatch(/短信 登记电话 重要及以上/)
  expect(email!.textContent).toMatch(/邮件 l\*\*\*@x.cn.*免打扰 22:00–07:00.*已停用/)
})

it('writes a way, the phone on record where no number is given', async () => {
  const { calls } = await open({ [PUT]: { items: [way('voice')] } })
  await fireEvent.click(screen.getByTestId('contacts-open'))
  await fireEvent.click(await screen.findByTestId('contact-new'))
  await fireEvent.update(screen.getByLabelText('通道'), 'voice')
  await fireEvent.click(screen.getByTestId('contact-save'))
  await waitFor(() => expect(screen.queryByTestId('contact-form')).toBeNull())
  expect(calls('PUT')[0]![1]!['body']).toEqual({ channel: 'voice', address: null, worst: 4, quiet_from: null, quiet_to: null, language: 'zh', enabled: true })
  expect(screen.getAllByTestId('contact')).toHaveLength(1)
})

it('never forgets a number of its own without a word', async () => {
  const { calls } = await open({ [GET]: { items: [way('sms', { address: '138****0009' })] }, [PUT]: { items: [] } })
  await fireEvent.click(screen.getByTestId('contacts-open'))
  await fireEvent.click(await screen.findByText('修改'))
  await fireEvent.click(screen.getByTestId('contact-save'))
  expect(calls('PUT')).toEqual([]) // it is shown masked only, and has to be written again
  expect(screen.getByTestId<HTMLInputElement>('contact-address').placeholder).toBe('138****0009')
  await fireEvent.click(screen.getByText('改用登记电话'))
  await fireEvent.click(screen.getByTestId('contact-save'))
  expect(calls('PUT')[0]![1]).toMatchObject({ body: { channel: 'sms', address: null } })
})

it('begins a change with what stands, wants an address for mail, and both ends of the quiet hours', async () => {
  const { calls } = await open({ [PUT]: new Refusal(422, { title: '地址不对', status: 422 }) })
  await fireEvent.click(screen.getByTestId('contacts-open'))
  await fireEvent.click((await screen.findAllByText('修改'))[1]!)
  expect(screen.getByTestId<HTMLInputElement>('contact-address').required).toBe(true)
  await fireEvent.update(screen.getByLabelText('免打扰结束'), '')
  await fireEvent.update(screen.getByTestId('contact-address'), 'li@x.cn')
  await fireEvent.click(screen.getByTestId('contact-save'))
  expect(calls('PUT')).toEqual([])
  await fireEvent.update(screen.getByLabelText('免打扰结束'), '06:00')
  await fireEvent.click(screen.getByTestId('contact-save'))
  expect((await screen.findByRole('alert')).textContent).toContain('地址不对')
  expect(calls('PUT')[0]![1]).toMatchObject({ body: { channel: 'email', address: 'li@x.cn', quiet_from: '22:00', quiet_to: '06:00', enabled: false } })
})
