-- Devices that speak a foreign dialect (docs/adr/013-adapters.md).
ALTER TABLE devices ADD COLUMN dialect text;
ALTER TABLE devices ADD COLUMN foreign_name text;
CREATE UNIQUE INDEX devices_foreign ON devices (estate, dialect, coalesce(foreign_name, id))
    WHERE dialect IS NOT NULL AND retired_at IS NULL;
