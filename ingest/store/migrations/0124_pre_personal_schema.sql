-- Where people were last seen and who is under care lie with the other personal data (docs/adr/061-what-is-sealed.md).
-- depends: 0123_pre_retention_of_cases

ALTER TABLE positions SET SCHEMA personal;
ALTER TABLE cared SET SCHEMA personal;

-- what still runs of the old version finds them where they were, with the rights it had; 0125 takes that away
CREATE VIEW public.positions AS SELECT * FROM personal.positions;
CREATE VIEW public.cared AS SELECT * FROM personal.cared;
DO $$
DECLARE held record;
BEGIN
    FOR held IN SELECT c.relname, r.rolname, a.privilege_type FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
                JOIN pg_roles r ON r.oid = a.grantee
                WHERE c.relnamespace = 'personal'::regnamespace AND c.relname IN ('positions', 'cared') AND r.rolname LIKE 'shequ_part_%' LOOP
        EXECUTE format('GRANT %s ON public.%I TO %I', held.privilege_type, held.relname, held.rolname);
    END LOOP;
END $$;
