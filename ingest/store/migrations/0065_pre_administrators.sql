-- Three separate administrators in place of one (docs/adr/040-administrators.md).
-- depends: 0050_pre_audit_seals

ALTER TABLE users DROP CONSTRAINT users_role_check;
UPDATE users SET role = 'system_admin' WHERE role = 'admin';
ALTER TABLE users ADD CONSTRAINT users_role_check
    CHECK (role IN ('operator', 'shift_leader', 'property', 'field', 'developer', 'system_admin', 'security_admin', 'auditor'));

CREATE FUNCTION administrators_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role <> OLD.role AND (NEW.role IN ('system_admin', 'security_admin', 'auditor')
                                 OR OLD.role IN ('system_admin', 'security_admin', 'auditor')) THEN
        RAISE EXCEPTION 'an administrator''s account keeps its role, and no other account becomes one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER users_administrators_stay BEFORE UPDATE OF role ON users FOR EACH ROW EXECUTE FUNCTION administrators_stay();
