-- old_chunks --
-- Whole chunks past their time; `held` counts what open cases rest on in them: those stay.
SELECT c.range_start AS first, c.range_end AS last,
    (SELECT count(*) FROM alert_evidence e JOIN alerts a ON a.id = e.alert_id LEFT JOIN incidents i ON i.id = a.incident_id
     WHERE %(table)s = 'events' AND e.at >= c.range_start AND e.at < c.range_end
       AND (a.ended_at IS NULL OR (i.id IS NOT NULL AND i.closed_at IS NULL)))
    + (SELECT count(*) FROM incident_log l JOIN incidents i ON i.id = l.incident_id
       WHERE %(table)s = 'incident_log' AND l.at >= c.range_start AND l.at < c.range_end AND i.closed_at IS NULL)
    + (SELECT count(*) FROM alert_log l JOIN alerts a ON a.id = l.alert_id LEFT JOIN incidents i ON i.id = a.incident_id
       WHERE %(table)s = 'alert_log' AND l.at >= c.range_start AND l.at < c.range_end
         AND (a.ended_at IS NULL OR (i.id IS NOT NULL AND i.closed_at IS NULL))) AS held
FROM timescaledb_information.chunks c
WHERE c.hypertable_schema = 'public' AND c.hypertable_name = %(table)s AND c.range_end < now() - %(keep)s::interval
ORDER BY c.range_start

-- count_chunk --
-- What goes, whatever the order of its rows: the same digest as that of backups.
SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS digest
FROM {table} t WHERE at >= %(first)s AND at < %(last)s

-- drop_chunk --
SELECT drop_chunks(%(table)s::regclass, older_than => %(last)s::timestamptz, newer_than => %(first)s::timestamptz)

-- sweep_quarantine --
WITH gone AS (DELETE FROM quarantine WHERE received_at < now() - %(keep)s::interval RETURNING *)
SELECT count(*) AS rows, coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text AS digest FROM gone g

-- sweep_reporters --
-- Who reported a case: until so long after its close.
WITH gone AS (
    DELETE FROM personal.fields f USING incidents i
    WHERE f.subject = 'incident:' || i.id AND i.closed_at < now() - %(keep)s::interval RETURNING f.*
)
SELECT count(*) AS rows, coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text AS digest FROM gone g

-- sweep_positions --
-- Of people only, and not while they work on a case that is open.
WITH gone AS (
    DELETE FROM positions p WHERE p.at < now() - %(keep)s::interval AND p.subject LIKE 'person:%%'
      AND NOT EXISTS (SELECT FROM responders r JOIN incidents i ON i.id = r.incident_id
                      WHERE 'person:' || r.person = p.subject AND i.closed_at IS NULL)
    RETURNING p.*
)
SELECT count(*) AS rows, coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text AS digest FROM gone g

-- sweep_letters --
-- With their receipts; what is queued, or of a case or alert that is open, stays (schema.sql).
SELECT rows, digest FROM sweep_letters(%(keep)s::interval)

-- sweep_feed --
WITH gone AS (DELETE FROM feed WHERE at < now() - %(keep)s::interval RETURNING 1) SELECT count(*) AS rows, '' AS digest FROM gone

-- sweep_idempotency --
WITH gone AS (DELETE FROM idempotency WHERE at < now() - %(keep)s::interval RETURNING 1) SELECT count(*) AS rows, '' AS digest FROM gone

-- sweep_sessions --
WITH gone AS (DELETE FROM sessions WHERE expires_at < now() - %(keep)s::interval RETURNING 1) SELECT count(*) AS rows, '' AS digest FROM gone

-- last_proof --
SELECT hash FROM retention_proofs ORDER BY id DESC LIMIT 1

-- proofs --
SELECT id, at, class, what, before, rows, digest, hash FROM retention_proofs ORDER BY id

-- proofs_page --
SELECT id, jsonb_build_object('id', id, 'at', at, 'class', class, 'what', what, 'before', before, 'rows', rows,
    'digest', digest, 'hash', hash) AS body FROM retention_proofs
WHERE (%(class)s::text IS NULL OR class = %(class)s) AND (%(after)s::bigint IS NULL OR id < %(after)s)
ORDER BY id DESC LIMIT %(limit)s

-- lock_proofs --
SELECT pg_advisory_xact_lock(hashtext('shequ_retention'))

-- add_proof --
INSERT INTO retention_proofs (at, class, what, before, rows, digest, hash)
VALUES (%(at)s, %(class)s, %(what)s, %(before)s, %(rows)s, %(digest)s, %(hash)s)
