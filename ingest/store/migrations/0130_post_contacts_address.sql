-- Addresses of contacts are sealed since 0070; the emptied column goes (docs/adr/061-what-is-sealed.md).
-- depends: 0126_post_people_phone

DO $$
BEGIN
    IF EXISTS (SELECT FROM contacts WHERE address IS NOT NULL) THEN
        RAISE EXCEPTION 'addresses of contacts still stand in plain text: run "shequ privacy seal" of the version before, then migrate again';
    END IF;
END $$;
ALTER TABLE contacts DROP COLUMN address;
