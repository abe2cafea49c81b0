-- Who holds the shifts of somebody who is away (docs/adr/032-who-is-called.md).
-- depends: 0050_pre_audit_seals

ALTER TABLE leaves ADD COLUMN stand_in text REFERENCES people;
