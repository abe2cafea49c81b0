-- Deletion leaves a proof (docs/adr/045-retention.md).
-- depends: 0070_pre_personal

CREATE TABLE retention_proofs (           -- append-only: what was deleted because its time was over, or on somebody's wish
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     text NOT NULL,                 -- RFC 3339: part of what is hashed
    class  text NOT NULL,
    what   text NOT NULL,
    before timestamptz NOT NULL,          -- nothing younger went
    rows   bigint NOT NULL,
    digest text NOT NULL,                 -- of the rows, whatever their order
    hash   text NOT NULL                  -- SHA-256 of the proof before and all of the above
);
CREATE INDEX retention_proofs_class ON retention_proofs (class, id DESC);
CREATE FUNCTION retention_proofs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'retention_proofs is append-only'; END $$;
CREATE TRIGGER retention_proofs_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_proofs
    FOR EACH STATEMENT EXECUTE FUNCTION retention_proofs_stay();
