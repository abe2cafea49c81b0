-- Where people were last seen and who is under care lie with the other personal data; two emptied columns go (docs/adr/061-what-is-sealed.md).
-- depends: 0123_pre_retention_of_cases

DO $$
BEGIN
    IF EXISTS (SELECT FROM incidents WHERE reporter IS NOT NULL OR reporter_phone IS NOT NULL) THEN
        RAISE EXCEPTION 'who reported a case still stands in plain text: run "shequ privacy seal" of the version before, then migrate again';
    END IF;
END $$;
ALTER TABLE positions SET SCHEMA personal;
ALTER TABLE cared SET SCHEMA personal;
ALTER TABLE incidents DROP COLUMN reporter, DROP COLUMN reporter_phone;
