-- Whom to call about a device or a place, and when a device is due for maintenance.
-- depends: 0110_pre_floor_plans

ALTER TABLE devices ADD COLUMN maintenance_due date;
CREATE INDEX devices_due ON devices (maintenance_due) WHERE maintenance_due IS NOT NULL;

CREATE TABLE callees (                    -- whom to call about a device or a place, in this order: people of the one address book
    device text REFERENCES devices ON DELETE CASCADE,
    place  text REFERENCES places ON DELETE CASCADE,
    rank   smallint NOT NULL CHECK (rank BETWEEN 1 AND 10),
    person text NOT NULL REFERENCES people ON DELETE CASCADE,
    note   text NOT NULL DEFAULT '' CHECK (length(note) <= 100), -- what for: has the keys, knows the switchboard
    CHECK (num_nonnulls(device, place) = 1)
);
CREATE UNIQUE INDEX callees_device ON callees (device, person) WHERE device IS NOT NULL;
CREATE UNIQUE INDEX callees_place ON callees (place, person) WHERE place IS NOT NULL;
CREATE INDEX callees_person ON callees (person);
