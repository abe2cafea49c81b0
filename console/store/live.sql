-- listen --
LISTEN shequ_feed

-- bounds --
-- `last` is the newest number anybody can see; `given` the newest ever given out.
SELECT coalesce((SELECT max(seq) FROM feed), 0) AS last,
    greatest(coalesce(pg_sequence_last_value(pg_get_serial_sequence('feed', 'seq')), 0),
             coalesce((SELECT max(seq) FROM feed), 0)) AS given,
    EXISTS (SELECT FROM feed WHERE seq <= %(cursor)s + 1) AS kept,
    to_jsonb(now()) #>> '{}' AS at

-- news --
-- `path` is the place of the thing, or its estate: who sees it.
SELECT f.seq, f.kind, f.ref, f.estate IS NULL AS everybody, coalesce(p.path, e.path, '{}') AS path,
    jsonb_build_object('seq', f.seq, 'at', f.at, 'kind', f.kind, 'ref', f.ref, 'estate', f.estate,
                       'body', f.body)::text AS data
FROM feed f
LEFT JOIN places p ON p.code = f.body->>'place'
LEFT JOIN places e ON e.code = f.estate
WHERE f.seq > %(after)s AND f.seq <= %(upto)s
ORDER BY f.seq
LIMIT %(limit)s

-- clock --
SELECT to_jsonb(now()) #>> '{}' AS at

-- canary_shown --
-- The first console to have it counts; `seconds` from the button to here.
UPDATE canaries SET shown_at = clock_timestamp() WHERE estate = %(estate)s AND judged_at IS NOT NULL AND shown_at IS NULL
RETURNING extract(epoch FROM shown_at - sent_at)::float8 AS seconds
