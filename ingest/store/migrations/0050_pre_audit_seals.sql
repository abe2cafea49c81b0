-- The audit log is append-only and sealed (docs/adr/031-audit-seals.md).
-- depends: 0030_pre_people

ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check
    CHECK (role IN ('operator', 'shift_leader', 'property', 'field', 'developer', 'auditor', 'admin'));

ALTER TABLE audit_log ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX audit_log_id ON audit_log (id);
CREATE INDEX audit_log_actor ON audit_log (actor, at DESC);
CREATE INDEX audit_log_action ON audit_log (action, at DESC);
CREATE INDEX audit_log_object ON audit_log (object, at DESC);

CREATE TABLE audit_seals (                -- append-only: each seal binds some rows and the seal before it
    seq       bigint PRIMARY KEY,         -- 1, 2, 3, ...: a gap is a lost seal
    sealed_at timestamptz NOT NULL,
    first_id  bigint NOT NULL,
    last_id   bigint NOT NULL,
    rows      integer NOT NULL,
    digest    bytea NOT NULL,             -- SHA-256 over the rows in the order of their ids
    hash      bytea NOT NULL,             -- SHA-256 over the seal before and all of the above
    CHECK (first_id <= last_id)
);

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_log_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_seals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- Writers hold this lock together from before their row has its id until they have committed; whoever
-- seals takes it alone for a moment, and then knows that no smaller id is still under way.
CREATE FUNCTION audit_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext('shequ_audit')); RETURN NULL; END $$;
CREATE TRIGGER audit_log_under_way BEFORE INSERT ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_under_way();
