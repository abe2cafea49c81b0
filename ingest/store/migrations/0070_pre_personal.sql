-- Personal data get a schema of their own and are sealed under keys outside the database.
-- depends: 0050_pre_audit_seals

CREATE SCHEMA personal;
CREATE TABLE personal.fields (
    subject    text NOT NULL,
    field      text NOT NULL,
    sealed     bytea NOT NULL,
    shown      text NOT NULL,
    key        bytea NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, field)
);
CREATE INDEX fields_key ON personal.fields (key);
