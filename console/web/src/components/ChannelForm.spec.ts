import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { describe, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import { i18n } from '@/i18n'

import ChannelForm from './ChannelForm.vue'
import PersonContacts from './PersonContacts.vue'
import TestPlanForm from './TestPlanForm.vue'

const answer = (data: unknown, status = 200): never => ({ data, response: new Response(null, { status }) }) as never
const body = (call: { mock: { calls: unknown[][] } }) => (call.mock.calls[0]![1] as { body: Record<string, unknown> }).body
const show = (form: unknown, props = {}) => render(form as never, { props: props as never, global: { plugins: [i18n, createPinia()] } })

describe('delivery forms', () => {
  it('set a mail channel up with the settings of its kind and the secret by name', async () => {
    const post = vi.spyOn(api, 'POST').mockResolvedValue(answer({}, 201))
    const { emitted } = show(ChannelForm, { channel: null })
    await fireEvent.update(screen.getByTestId('channel-kind'), 'email smtp')
    for (const [field, value] of [['channel-code', 'mail'], ['channel-name', '邮件'], ['setting-host', 'mail.example'], ['setting-sender', 'duty@centre.example'], ['setting-password_secret', 'mail-password']] as const) await fireEvent.update(screen.getByTestId(field), value)
    await fireEvent.submit(screen.getByTestId('channel-form'))
    await waitFor(() => expect(emitted('done')).toHaveLength(1))
    expect(body(post)).toMatchObject({ code: 'mail', channel: 'email', driver: 'smtp', name_en: '邮件', settings: { host: 'mail.example', port: 587, sender: 'duty@centre.example', password_secret: 'mail-password', security: 'starttls' } })
  })

  it('plan a test in days and minutes, and ask whom only where a channel needs it', async () => {
    vi.spyOn(api, 'GET').mockResolvedValue(answer({ items: [{ code: 'hook', channel: 'webhook', name_zh: '回调', name_en: 'Hook', enabled: true }, { code: 'sms', channel: 'sms', name_zh: '短信', name_en: 'SMS', enabled: true }] }))
    const post = vi.spyOn(api, 'POST').mockResolvedValue(answer({ items: [] }, 201))
    show(TestPlanForm)
    await screen.findByRole('option', { name: '短信 sms' })
    await fireEvent.update(screen.getByTestId('plan-endpoint'), 'hook')
    expect(screen.queryByTestId('plan-to')).toBeNull()
    await fireEvent.update(screen.getByTestId('plan-endpoint'), 'sms')
    await fireEvent.update(screen.getByTestId('plan-to'), '13900000000')
    await fireEvent.submit(screen.getByTestId('plan-form'))
    await waitFor(() => expect(post).toHaveBeenCalled())
    expect(body(post)).toEqual({ endpoint: 'sms', to: '13900000000', every_s: 604_800, window_s: 600 })
  })

  it('read nobody’s contacts before they are asked for, and never put an address back into the form', async () => {
    const get = vi.spyOn(api, 'GET').mockResolvedValue(answer({ items: [{ channel: 'sms', address: '139****0000', worst: 2, quiet_from: '22:00:00', quiet_to: '07:00:00', language: 'zh', enabled: true }] }))
    show(PersonContacts, { id: 'gw1' })
    expect(get).not.toHaveBeenCalled()
    await fireEvent.click(screen.getByTestId('contacts-open'))
    expect((await screen.findByTestId('contact')).textContent).toContain('139****0000')
    await fireEvent.click(screen.getByTestId('contact').querySelector('button')!)
    expect((screen.getByTestId('contact-address') as HTMLInputElement).value).toBe('')
  })
})
