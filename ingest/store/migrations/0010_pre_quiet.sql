-- Silences can be ended early, by somebody and for a reason; what they and flapping hide is found quickly (issue 3).
-- depends: 0002_pre_handling

ALTER TABLE hushes ADD COLUMN ended_at timestamptz;
ALTER TABLE hushes ADD COLUMN ended_by text;
ALTER TABLE hushes ADD COLUMN ended_reason text;
CREATE INDEX alerts_suppressed ON alerts (id) WHERE ended_at IS NULL AND state = 'suppressed';
