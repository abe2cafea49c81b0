-- The second factor's secret is sealed with the keys of personal data (docs/adr/052-guarding-the-door.md).
-- The console seals what stands in plain text, once a minute.
-- depends: 0100_pre_operator

ALTER TABLE users ADD COLUMN totp_sealed bytea;
