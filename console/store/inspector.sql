-- What was heard lately, newest first: stored events and what was set aside.

-- heard --
-- Per device through its index: a county's events have none by arrival alone.
WITH around AS (
    SELECT d.id FROM devices d JOIN places p ON p.code = d.place
    WHERE (%(estate)s::text IS NULL OR d.estate = %(estate)s)
      AND (%(device)s::text IS NULL OR d.id = %(device)s)
      AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
    ORDER BY d.id LIMIT 2000
), heard AS (
    SELECT e.received_at, jsonb_build_object('kind', 'event', 'device', e.device, 'id', e.id, 'at', e.at,
        'received_at', e.received_at, 'committed_at', e.committed_at, 'type', e.type, 'flags', e.flags,
        'data', without_plate(e.data), 'quarantine', NULL, 'topic', NULL, 'reason', NULL, 'detail', NULL) AS body
    FROM around a CROSS JOIN LATERAL (
        SELECT * FROM events e WHERE e.device = a.id AND e.at > now() - INTERVAL '15 minutes'
        ORDER BY e.at DESC LIMIT 20
    ) e
), aside AS (
    SELECT q.received_at, jsonb_build_object('kind', 'aside', 'device', split_part(q.topic, '/', 4), 'id', NULL,
        'at', NULL, 'received_at', q.received_at, 'committed_at', NULL, 'type', NULL, 'flags', '[]'::jsonb,
        'data', NULL, 'quarantine', q.id, 'topic', q.topic, 'reason', q.reason, 'detail', q.detail) AS body
    FROM quarantine q LEFT JOIN places p ON p.code = topic_estate(q.topic)
    WHERE q.received_at > now() - INTERVAL '15 minutes'
      AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
      AND (%(estate)s::text IS NULL OR p.code = %(estate)s)
      AND (%(device)s::text IS NULL OR split_part(q.topic, '/', 4) = %(device)s)
    ORDER BY q.received_at DESC LIMIT 100
)
SELECT body FROM (SELECT * FROM heard UNION ALL SELECT * FROM aside) lately
ORDER BY received_at DESC
LIMIT %(limit)s
