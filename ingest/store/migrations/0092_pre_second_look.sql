-- A message that was set aside may be read again after what was wrong has been mended.
ALTER TABLE quarantine ADD COLUMN asked_at timestamptz;
ALTER TABLE quarantine ADD COLUMN asked_by text;
ALTER TABLE quarantine ADD COLUMN read_at timestamptz;
CREATE INDEX quarantine_asked ON quarantine (id) WHERE asked_at IS NOT NULL;
