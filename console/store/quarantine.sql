-- Messages that were set aside, as the console shows them: what they hold may be about people, so the list says only
-- what is wrong with them, and each look inside is on record; `scope` limits them to the subtree of their estate.

-- quarantine --
SELECT q.id, jsonb_build_object('id', q.id, 'received_at', q.received_at, 'topic', q.topic, 'size', q.size,
    'stage', q.stage, 'reason', q.reason, 'detail', q.detail,
    'state', CASE WHEN q.read_at IS NOT NULL THEN 'read' WHEN q.asked_at IS NOT NULL THEN 'asked' ELSE 'aside' END) AS body
FROM quarantine q LEFT JOIN places p ON p.code = topic_estate(q.topic)
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(after_id)s::bigint IS NULL OR q.id < %(after_id)s)
  AND (%(reason)s::text IS NULL OR q.reason = %(reason)s)
  AND (%(topic)s::text IS NULL OR strpos(q.topic, %(topic)s) > 0)
ORDER BY q.id DESC
LIMIT %(limit)s

-- set_aside --
SELECT q.id, q.received_at, q.topic, q.payload, q.size, q.read_at, q.reason
FROM quarantine q LEFT JOIN places p ON p.code = topic_estate(q.topic)
WHERE q.id = ANY (%(ids)s) AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY q.id

-- ask_again --
UPDATE quarantine SET asked_at = now(), asked_by = %(actor)s
WHERE id = ANY (%(ids)s) AND read_at IS NULL AND size <= %(kept)s

-- tell_ingest --
SELECT pg_notify('shequ_quarantine', '')

-- folded --
-- What was only counted, newest first.
SELECT to_jsonb(f) || jsonb_build_object('digest', f.digest::text, 'head', encode(f.head, 'escape')) AS body
FROM quarantine_folds f LEFT JOIN places p ON p.code = topic_estate(f.topic)
WHERE %(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]
ORDER BY f.last_at DESC, f.topic, f.reason
LIMIT 200

-- room --
SELECT bytes, limit_bytes, to_jsonb(full_since) #>> '{}' AS full_since, folded FROM quarantine_room
