-- Devices of other makes wait in the same list: found on their bridge, or knocking under a foreign name.
ALTER TABLE enrolments ADD COLUMN dialect text;
ALTER TABLE enrolments ADD COLUMN foreign_name text;
ALTER TABLE enrolments DROP CONSTRAINT enrolments_kind_check;
ALTER TABLE enrolments ADD CONSTRAINT enrolments_kind_check CHECK (kind IN ('claim', 'knock', 'found'));
CREATE UNIQUE INDEX enrolments_foreign ON enrolments (coalesce(estate, ''), dialect, foreign_name) WHERE dialect IS NOT NULL;
