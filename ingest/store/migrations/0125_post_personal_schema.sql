-- The old version has stopped: its views go, and two columns that were emptied (docs/adr/061-what-is-sealed.md).
-- depends: 0124_pre_personal_schema

DO $$
BEGIN
    IF EXISTS (SELECT FROM incidents WHERE reporter IS NOT NULL OR reporter_phone IS NOT NULL) THEN
        RAISE EXCEPTION 'who reported a case still stands in plain text: run "shequ privacy seal" of the version before, then migrate again';
    END IF;
END $$;
DROP VIEW public.positions, public.cared;
ALTER TABLE incidents DROP COLUMN reporter, DROP COLUMN reporter_phone;
