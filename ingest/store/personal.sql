-- put --
INSERT INTO personal.fields (subject, field, sealed, shown, key) VALUES (%(subject)s, %(field)s, %(sealed)s, %(shown)s, %(key)s)
ON CONFLICT (subject, field) DO UPDATE SET sealed = excluded.sealed, shown = excluded.shown, key = excluded.key, written_at = now()

-- put_new --
INSERT INTO personal.fields (subject, field, sealed, shown, key) VALUES (%(subject)s, %(field)s, %(sealed)s, %(shown)s, %(key)s)
ON CONFLICT (subject, field) DO NOTHING

-- forget --
DELETE FROM personal.fields WHERE subject = %(subject)s AND (%(field)s::text IS NULL OR field = %(field)s)

-- sealed --
SELECT subject, field, sealed FROM personal.fields WHERE subject = ANY (%(subjects)s)

-- shown --
SELECT field, shown FROM personal.fields WHERE subject = %(subject)s

-- under_old_keys --
SELECT subject, field, sealed FROM personal.fields WHERE key <> %(key)s LIMIT 500 FOR UPDATE SKIP LOCKED

-- rewrap --
UPDATE personal.fields SET sealed = %(sealed)s, key = %(key)s WHERE subject = %(subject)s AND field = %(field)s

-- count_keys --
SELECT encode(key, 'hex') AS key, count(*) AS fields FROM personal.fields GROUP BY key ORDER BY key

-- plain --
-- What an older version wrote in plain text, in the names that it is sealed under.
SELECT 'person:' || id AS subject, 'name' AS field, name AS text FROM people WHERE cares_for IS NOT NULL AND name NOT LIKE '%*%' AND name <> '—'

-- mask_names --
-- Of family contacts only, once their name is sealed; the same form as ingest/vault.py makes.
UPDATE people e SET name = f.shown FROM personal.fields f
WHERE f.subject = 'person:' || e.id AND f.field = 'name' AND e.cares_for IS NOT NULL AND e.name NOT LIKE '%*%' AND e.name <> '—'
