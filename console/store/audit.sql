-- quiet --
-- Alone for a moment: every row with a smaller id has been committed, or never will be.
SELECT pg_advisory_xact_lock(hashtext('shequ_audit'))

-- impatience --
-- Whoever seals waits at most so long for those who write, who would wait behind.
SELECT set_config('lock_timeout', '200ms', true)

-- newest --
SELECT max(id) AS id FROM audit_log

-- newest_seal --
SELECT seq, sealed_at, first_id, last_id, rows, digest, hash FROM audit_seals ORDER BY seq DESC LIMIT 1

-- lines --
-- Rows as their seal sees them: one text per row, the same on every server.
SELECT id, jsonb_build_object(
    'id', id, 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'actor', actor,
    'action', action, 'object', object, 'success', success, 'detail', detail, 'source', source)::text AS line
FROM audit_log WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id

-- add_seal --
INSERT INTO audit_seals (seq, sealed_at, first_id, last_id, rows, digest, hash)
VALUES (%(seq)s, %(sealed_at)s, %(first_id)s, %(last_id)s, %(rows)s, %(digest)s, %(hash)s)
ON CONFLICT (seq) DO NOTHING

-- seals --
SELECT seq, sealed_at, first_id, last_id, rows, digest, hash FROM audit_seals ORDER BY seq

-- unsealed --
SELECT count(*) AS rows, min(at) AS since FROM audit_log
WHERE id > (SELECT coalesce(max(last_id), 0) FROM audit_seals)

-- audit --
-- Newest first; every filter is served by an index that ends in the time.
SELECT at, id, jsonb_build_object('id', id, 'at', at, 'actor', actor, 'action', action, 'object', object,
    'success', success, 'detail', detail, 'source', source) AS body
FROM audit_log
WHERE (%(actor)s::text IS NULL OR actor = %(actor)s) AND (%(action)s::text IS NULL OR action = %(action)s)
  AND (%(object)s::text IS NULL OR object = %(object)s) AND (%(success)s::bool IS NULL OR success = %(success)s)
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
  AND (%(after_id)s::bigint IS NULL OR (at, id) < (%(after_at)s::timestamptz, %(after_id)s))
ORDER BY at DESC, id DESC
LIMIT %(limit)s

-- swept_to --
SELECT max(before) AS before FROM retention_proofs WHERE class = 'audit_log'
