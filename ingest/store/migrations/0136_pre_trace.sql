-- The trace that an alert and its letters belong to (docs/adr/067-traces.md).
-- depends: 0135_pre_selfcheck

ALTER TABLE alerts ADD COLUMN trace text;  -- W3C traceparent, derived from the event that raised it
ALTER TABLE outbox ADD COLUMN trace text;  -- of its alert, or of its case's first alert
