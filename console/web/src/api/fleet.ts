/** Shapes of docs/reference/http.md (Devices) whose answers openapi.json leaves open; delete each one that it learns to name. */
type Data = Record<string, unknown>
type Maybe<T> = T | null

export interface Page<T> {
  items: T[]
  next?: string | null
}

export interface DeviceModel {
  profile: string
  make: string
  model: string
  name_zh: string
  name_en: string
  config_schema: Data
  commands: { name: string; name_zh: string; name_en: string; args_schema: Data; danger: boolean }[]
}

export interface CommandRow {
  id: string
  device: string
  name: string
  args: Data
  state: 'queued' | 'sent' | 'done' | 'refused' | 'failed' | 'expired'
  reason: string
  asked_at: string
  asked_by: string
  sent_at: Maybe<string>
  replied_at: Maybe<string>
  reply: Maybe<{ result: string; reason: Maybe<string>; data: Maybe<Data> }>
}

interface Wanted {
  version: number
  hash: string
  data: Data
  at: string
  by: string
}

export interface DeviceConfig {
  schema: Data
  status: 'none' | 'pending' | 'applied' | 'failed'
  desired: Maybe<Wanted>
  reported: Maybe<{ version: Maybe<number>; status: string; reason: Maybe<string>; at: string }>
  history: (Wanted & { rollout: Maybe<number> })[]
}

export interface HealthRow {
  id: string
  link: { status: 'up' | 'down' | 'unknown'; since: Maybe<string> }
  data: { status: 'fresh' | 'stale' | 'never'; last_seen: Maybe<string>; limit_s: Maybe<number> }
  self_test: { status: 'passed' | 'failed' | 'never'; at: Maybe<string>; reason: Maybe<string> }
  held_by: Maybe<string>
  cause: Maybe<{ kind: string; ref: string; offline: number; of: number }>
  battery: Maybe<{ percent: number; at: string; per_day: Maybe<number>; empty_on: Maybe<string> }>
  signal: Maybe<{ rssi: number; at: string }>
  duplicates_24h: number
  decode_errors_24h: Record<string, number>
  flapping: { flapping: boolean; changes_1h: number }
}

export interface DeviceHealth extends HealthRow {
  battery: Maybe<NonNullable<HealthRow['battery']> & { samples: unknown[][] }>
  clock: Maybe<{ offset_s: Maybe<number>; samples: number }>
  rate: { last_hour: number; per_hour_24h: number }
  uptime: Record<string, Maybe<number>>
}

export interface Cause {
  kind: string
  ref: string
  offline: number
  of: number
}

export interface EnrolmentRow {
  id: number
  kind: 'claim' | 'knock'
  state: 'pending' | 'approved' | 'rejected'
  device: Maybe<string>
  estate: Maybe<string>
  topic: Maybe<string>
  profile: Maybe<string>
  make: Maybe<string>
  model: Maybe<string>
  serial: Maybe<string>
  last_seen: string
  count: number
  sample: Maybe<string>
  decided_by: Maybe<string>
  reason: Maybe<string>
  registered_as: Maybe<string>
}

export interface GroupRow {
  code: string
  estate: string
  name_zh: string
  name_en: string
  devices: string[]
  version: number
}

export interface RolloutRow {
  id: number
  name: string
  state: 'running' | 'stopped' | 'done' | 'cancelled'
  reason: Maybe<string>
  stage: number
  stages: number[]
  data: Data
  created_at: string
  created_by: string
  counts: Record<'waiting' | 'pending' | 'applied' | 'failed', number>
}

export interface RolloutDevice {
  device: string
  stage: number
  status: string
  reason: Maybe<string>
}

/** An answer that the contract leaves open, as what the reference says it is. */
export const known = <T>(answer: Promise<unknown>): Promise<T> => answer as Promise<T>
