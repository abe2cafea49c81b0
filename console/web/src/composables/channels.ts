import type { Channel } from '@/api/types'

/** One setting of a kind of channel, as the form asks for it; a secret is asked for by its name. */
export interface ChannelField {
  name: string
  type: 'text' | 'url' | 'number' | 'switch' | 'choice' | 'secret'
  required?: boolean
  choices?: readonly string[]
  start?: string | number | boolean
}

export interface ChannelKind {
  channel: Channel
  driver: string
  fields: readonly ChannelField[]
}

const url: ChannelField = { name: 'url', type: 'url', required: true }
const secret = (name: string, required = true): ChannelField => ({ name, type: 'secret', required })
const GATEWAY: readonly ChannelField[] = [url, secret('sign_secret'), { name: 'sender', type: 'text' }]

/** Every kind of channel and what it must know (ingest/deliver/endpoint.py). */
export const CHANNEL_KINDS: readonly ChannelKind[] = [
  { channel: 'webhook', driver: 'http', fields: [url, secret('sign_secret')] },
  { channel: 'sms', driver: 'http', fields: GATEWAY },
  {
    channel: 'sms',
    driver: 'smpp',
    fields: [{ name: 'host', type: 'text', required: true }, { name: 'port', type: 'number', start: 2775 }, { name: 'system_id', type: 'text', required: true }, secret('password_secret'), { name: 'source', type: 'text' }, { name: 'tls', type: 'switch', start: false }],
  },
  { channel: 'voice', driver: 'http', fields: GATEWAY },
  {
    channel: 'email',
    driver: 'smtp',
    fields: [{ name: 'host', type: 'text', required: true }, { name: 'port', type: 'number', start: 587 }, { name: 'sender', type: 'text', required: true }, { name: 'username', type: 'text' }, secret('password_secret', false), { name: 'security', type: 'choice', choices: ['starttls', 'tls', 'none'], start: 'starttls' }],
  },
  { channel: 'wecom', driver: 'robot', fields: [{ ...url, start: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send' }, secret('key_secret')] },
  { channel: 'dingtalk', driver: 'robot', fields: [{ ...url, start: 'https://oapi.dingtalk.com/robot/send' }, secret('token_secret'), secret('sign_secret')] },
  { channel: 'cap', driver: 'feed', fields: [{ name: 'sender', type: 'text', required: true }, { name: 'addresses', type: 'text', required: true }, secret('token_secret')] },
  {
    channel: 'cascade',
    driver: 'http',
    fields: [{ name: 'direction', type: 'choice', choices: ['up', 'down'], start: 'up' }, url, secret('token_secret'), secret('accept_secret'), { name: 'place', type: 'text' }, { name: 'worst', type: 'number', start: 2 }],
  },
  { channel: 'device', driver: 'mqtt', fields: [] },
]

export const kindOf = (channel: string, driver: string): ChannelKind | undefined => CHANNEL_KINDS.find((kind) => kind.channel === channel && kind.driver === driver)

type Value = string | number | boolean

/** The fields filled in: as they stand, or as they begin. */
export function filled(kind: ChannelKind, settings: Readonly<Record<string, unknown>>): Record<string, Value> {
  return Object.fromEntries(kind.fields.map(({ name, start }) => [name, (settings[name] ?? start ?? '') as Value]))
}

/** What is sent: nothing that was left empty. */
export function settingsOf(kind: ChannelKind, form: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(kind.fields.map(({ name }) => [name, form[name] ?? '']).filter(([, value]) => value !== '')) as Record<string, Value>
}
