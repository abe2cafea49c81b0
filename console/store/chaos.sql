-- judged_to --
SELECT clock FROM ingest_progress

-- watched --
SELECT max(at) AS at FROM watchdog

-- letters_due --
SELECT id FROM outbox WHERE state = 'queued' LIMIT 1

-- letters --
SELECT key, state, channel FROM outbox ORDER BY id

-- cases --
-- Every case, how many rows its log has, and the number of the last: they must agree.
SELECT i.id, count(l.seq) AS logged, coalesce(max(l.seq), 0) AS last
FROM incidents i LEFT JOIN incident_log l ON l.incident_id = i.id GROUP BY i.id ORDER BY i.id

-- lock_feed --
SELECT pg_advisory_xact_lock(hashtext('shequ_feed'))

-- gossip --
-- News of no consequence: readers must be shown them, or told that they missed some.
WITH said AS (INSERT INTO feed (kind, ref, body) SELECT 'platform', 'drill', jsonb_build_object('text', repeat('x', 500))
              FROM generate_series(1, %(rows)s) RETURNING 1)
SELECT pg_notify('shequ_feed', '') FROM (SELECT count(*) FROM said) s
