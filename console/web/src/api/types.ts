/** The contract's words that the schema holds as plain strings, and short names for its shapes. */
export type {
  Alert,
  AlertDetail,
  AlertLogRow,
  Catalogue,
  Credentials,
  Device,
  DeviceCreated,
  Event,
  Incident,
  IncidentDetail,
  IncidentLogRow,
  Kpi,
  Me,
  NewDevice,
  Place,
  QuarantineRow,
  Sla,
  Step,
} from './schema'

export type Severity = 1 | 2 | 3 | 4
export const SEVERITIES: readonly Severity[] = [1, 2, 3, 4]

export type AlertVerb = 'acknowledge' | 'dispatch' | 'close'

export const OUTCOMES = ['true_alarm', 'false_alarm', 'test', 'drill', 'other'] as const
export type Outcome = (typeof OUTCOMES)[number]
