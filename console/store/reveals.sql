-- person --
SELECT e.id AS label, jsonb_build_object('name', e.name) AS plain FROM people e JOIN places p ON p.code = e.place
WHERE e.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- incident --
SELECT i.case_code AS label, '{}'::jsonb AS plain
FROM incidents i JOIN places p ON p.code = i.place
WHERE i.id = %(id)s::bigint AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- organ --
SELECT r.document AS label, '{}'::jsonb AS plain
FROM personal.organ_requests r JOIN devices d ON d.id = r.device JOIN places p ON p.code = d.place
WHERE r.id = %(id)s::bigint AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- event --
SELECT e.device AS label, jsonb_build_object('plate', e.data -> 'plate') AS plain
FROM events e JOIN devices d ON d.id = e.device JOIN places p ON p.code = d.place
WHERE e.device = split_part(%(id)s, '/', 1) AND e.id = substr(%(id)s, strpos(%(id)s, '/') + 1)
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) ORDER BY e.at DESC LIMIT 1

-- residents --
-- Where those who are looked after in an alert's building live, and until when they are away.
SELECT a.id::text AS label, (
    SELECT coalesce(jsonb_object_agg(told.name, told.text), '{}') FROM (
        SELECT c.person, c.place, c.away_until FROM personal.cared c JOIN places home ON home.code = c.place
        WHERE home.path @> ARRAY[coalesce((
            SELECT s.code FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
            WHERE s.kind = 'building' ORDER BY step.n DESC LIMIT 1), a.place)]
            AND (%(scope)s::text IS NULL OR home.path @> ARRAY[%(scope)s::text])
    ) one CROSS JOIN LATERAL (VALUES
        (one.person, one.place), (one.person || '.away_until', CASE WHEN one.away_until > now() THEN to_jsonb(one.away_until) #>> '{}' END)
    ) told (name, text)) AS plain
FROM alerts a JOIN places p ON p.code = a.place
WHERE a.id = %(id)s::bigint AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- sheet --
-- Of everybody in the caller's places, who may be nobody.
SELECT 'people' AS label, '{}'::jsonb AS plain WHERE %(id)s = 'people' AND (%(scope)s::text IS NULL OR true)

-- add --
INSERT INTO personal.reveals (who, subject, reason, until) VALUES (%(who)s, %(subject)s, %(reason)s, now() + %(shown)s::interval)
RETURNING jsonb_build_object('reveal', id, 'until', until) AS body

-- use --
UPDATE personal.reveals SET reads = reads + 1 WHERE id = %(id)s AND who = %(who)s AND until > now()
RETURNING subject, to_jsonb(until) AS until
