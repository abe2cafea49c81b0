-- old_chunks --
-- Whole chunks past their time; `held` counts what open cases rest on in them: those stay.
SELECT c.range_start AS first, c.range_end AS last,
    (SELECT count(*) FROM alert_evidence e JOIN alerts a ON a.id = e.alert_id LEFT JOIN incidents i ON i.id = a.incident_id
     WHERE %(table)s = 'events' AND e.at >= c.range_start AND e.at < c.range_end
       AND (a.ended_at IS NULL OR (i.id IS NOT NULL AND i.closed_at IS NULL) OR EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id)))
    + (SELECT count(*) FROM incident_log l JOIN incidents i ON i.id = l.incident_id
       WHERE %(table)s = 'incident_log' AND l.at >= c.range_start AND l.at < c.range_end AND (i.closed_at IS NULL OR EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id)))
    + (SELECT count(*) FROM alert_log l JOIN alerts a ON a.id = l.alert_id LEFT JOIN incidents i ON i.id = a.incident_id
       WHERE %(table)s = 'alert_log' AND l.at >= c.range_start AND l.at < c.range_end
         AND (a.ended_at IS NULL OR (i.id IS NOT NULL AND i.closed_at IS NULL)
              OR EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id))) AS held
FROM timescaledb_information.chunks c
WHERE c.hypertable_schema = 'public' AND c.hypertable_name = %(table)s AND c.range_end < now() - %(keep)s::interval
ORDER BY c.range_start

-- retire_chunk --
-- With the owner's rights, and what is too young stays (retiring.sql).
SELECT rows, digest FROM retire_chunk(%(table)s, %(first)s, %(last)s)

-- sweep_quarantine --
-- Its room is given back last, so that no batch waits for the deletion.
WITH gone AS (DELETE FROM quarantine WHERE received_at < now() - %(keep)s::interval RETURNING *),
folds AS (DELETE FROM quarantine_folds WHERE day < (now() - %(keep)s::interval)::date RETURNING *),
room AS (UPDATE quarantine_room r SET bytes = greatest(0, r.bytes - freed.bytes)
    FROM (SELECT sum(octet_length(payload) + octet_length(topic) + 300) AS bytes FROM gone) freed WHERE freed.bytes > 0),
every AS (SELECT hashtextextended(g::text, 0)::numeric AS hash FROM gone g
    UNION ALL SELECT hashtextextended(f::text, 0)::numeric FROM folds f)
SELECT count(*) AS rows, coalesce(sum(hash), 0)::text AS digest FROM every

-- sweep_reporters --
-- What this process may not even read goes with the owner's rights (retiring.sql).
SELECT rows, digest FROM sweep_reporters(%(keep)s::interval)

-- sweep_positions --
SELECT rows, digest FROM sweep_positions(%(keep)s::interval)

-- sweep_photos --
SELECT rows, digest FROM sweep_photos(%(keep)s::interval)

-- sweep_dossiers --
SELECT rows, digest FROM sweep_dossiers(%(keep)s::interval)

-- sweep_register --
SELECT rows, digest FROM sweep_register(%(keep)s::interval)

-- sweep_reveals --
SELECT rows, digest FROM sweep_reveals(%(keep)s::interval)

-- sweep_letters --
-- With their receipts; what is queued, or of a case or alert that is open, stays (schema.sql).
SELECT rows, digest FROM sweep_old_letters(%(keep)s::interval)

-- sweep_feed --
WITH gone AS (DELETE FROM feed WHERE at < now() - %(keep)s::interval RETURNING 1) SELECT count(*) AS rows, '' AS digest FROM gone

-- sweep_idempotency --
SELECT rows, digest FROM sweep_idempotency(%(keep)s::interval)

-- sweep_sessions --
SELECT rows, digest FROM sweep_sessions(%(keep)s::interval)

-- last_proof --
SELECT hash FROM retention_proofs ORDER BY id DESC LIMIT 1

-- proofs --
SELECT id, at, class, what, before, rows, digest, hash FROM retention_proofs ORDER BY id

-- unanchored --
-- The newest proof, where the record of who did what does not hold its hash yet.
SELECT p.id, p.hash FROM (SELECT id, hash FROM retention_proofs ORDER BY id DESC LIMIT 1) p
WHERE NOT EXISTS (SELECT FROM audit_log a WHERE a.action = 'retention.head' AND a.object = p.hash)

-- add_anchor --
INSERT INTO audit_log (actor, action, object, success, detail, source)
VALUES ('platform', 'retention.head', %(hash)s, true, jsonb_build_object('proof', %(id)s::bigint), '')

-- anchors --
SELECT object AS hash, (detail ->> 'proof')::bigint AS id, at FROM audit_log WHERE action = 'retention.head' ORDER BY id

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
