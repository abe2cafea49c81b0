-- Phones are sealed since 0070; the emptied column goes (docs/adr/061-what-is-sealed.md).
-- depends: 0125_post_personal_schema

DO $$
BEGIN
    IF EXISTS (SELECT FROM people WHERE phone IS NOT NULL) THEN
        RAISE EXCEPTION 'phones still stand in plain text: run "shequ privacy seal" of the version before, then migrate again';
    END IF;
END $$;
DROP VIEW IF EXISTS person_wire; -- views.sql says it again
ALTER TABLE people DROP COLUMN phone;
