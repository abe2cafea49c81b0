import type { Outcome } from './schema'

/** Short names for the contract's shapes, and the orders in which the page shows its words. */
export type {
  Alert,
  AlertDetail,
  AlertLogRow,
  AlertVerb,
  Attachment,
  Backtest,
  Catalogue,
  Credentials,
  Device,
  DeviceCreated,
  DeviceDetail,
  HistoryRow,
  ImportPreview,
  Imported,
  Login,
  Event,
  Explained,
  Hit,
  Incident,
  IncidentDetail,
  IncidentLogRow,
  Kpi,
  Me,
  NewDevice,
  Outcome,
  Place,
  QuarantineRow,
  RuleDetail,
  RuleFault,
  RuleRow,
  RuleVersion,
  Why,
  Sla,
  Step,
} from './schema'

export type { Cause, CommandRow, DeviceConfig, DeviceHealth, DeviceModel, EnrolmentRow, GroupRow, HealthRow, RolloutDevice, RolloutRow } from './fleet'

export type Severity = 1 | 2 | 3 | 4
export const SEVERITIES: readonly Severity[] = [1, 2, 3, 4]

export const OUTCOMES: readonly Outcome[] = ['true_alarm', 'false_alarm', 'test', 'drill', 'other']
