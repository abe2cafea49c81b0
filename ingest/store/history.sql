-- patience --
-- A month is sorted before its first event comes.
SELECT set_config('statement_timeout', '300000', true)

-- stored_events --
-- In order of arrival. A device's clock may be a month behind or a day ahead: `at` is bounded by that for the chunks.
SELECT device, id, at, estate, type, data::text, flags, received_at FROM events
WHERE received_at >= %(start)s AND received_at < %(end)s
    AND at >= %(start)s::timestamptz - INTERVAL '31 days' AND at < %(end)s::timestamptz + INTERVAL '1 day'
    AND (%(types)s::text[] IS NULL OR type = ANY (%(types)s))
    AND (%(estates)s::text[] IS NULL OR estate = ANY (%(estates)s))
UNION ALL
SELECT s.device, 'availability', s.at, d.estate, 'availability', json_build_object('online', s.online)::text, '{}', s.at
FROM device_status s JOIN devices d ON d.id = s.device
WHERE s.at >= %(start)s AND s.at < %(end)s AND s.source = 'availability'
    AND (%(types)s::text[] IS NULL OR 'availability' = ANY (%(types)s))
    AND (%(estates)s::text[] IS NULL OR d.estate = ANY (%(estates)s))
ORDER BY 8, 3, 1, 2

-- stored_alerts --
SELECT a.id, a.fingerprint, a.rule, a.severity, a.place, a.subject, a.device, a.first_seen AS at,
    coalesce(a.cleared_at, a.ended_at) AS ended, a.reason, coalesce(a.outcome, i.outcome) AS outcome
FROM alerts a LEFT JOIN incidents i ON i.id = a.incident_id
WHERE a.first_seen >= %(start)s AND a.first_seen < %(end)s
    AND (%(rule)s::text IS NULL OR a.rule = %(rule)s)
    AND (%(estates)s::text[] IS NULL OR a.estate = ANY (%(estates)s))
ORDER BY a.first_seen, a.id

-- closings --
-- Ends that people put to alerts, by hand or by closing the incident.
SELECT a.ended_at AS at, a.fingerprint FROM alerts a
WHERE a.ended_at >= %(start)s AND a.ended_at < %(end)s AND a.state NOT IN ('auto_cleared')
    AND (%(estates)s::text[] IS NULL OR a.estate = ANY (%(estates)s))
ORDER BY 1

-- alert_lines --
SELECT (l.detail->>'at')::timestamptz AS at, l.action AS verb, a.fingerprint, a.rule, l.reason
FROM alert_log l JOIN alerts a ON a.id = l.alert_id
WHERE l.actor LIKE 'rule:%%' AND l.action IN ('raise', 'clear') AND l.at >= %(start)s::timestamptz - INTERVAL '31 days'
    AND (l.detail->>'at')::timestamptz >= %(start)s AND (l.detail->>'at')::timestamptz < %(end)s
    AND (%(estates)s::text[] IS NULL OR a.estate = ANY (%(estates)s))
ORDER BY 1, 3, 2

-- place_of --
SELECT estate, place FROM devices WHERE id = %(device)s

-- estates_of --
SELECT code FROM places WHERE kind = 'estate' AND (%(scope)s::text IS NULL OR path @> ARRAY[%(scope)s::text])

-- judged_to --
SELECT max(clock) AS clock FROM ingest_progress

-- memory_of --
SELECT estate, rule, subject, memory::text FROM engine_memory
WHERE estate = ANY (%(estates)s::text[]) AND (%(subjects)s::text[] IS NULL OR subject = ANY (%(subjects)s))
ORDER BY estate, rule, subject

-- timers_of --
SELECT subject, due_at FROM timers WHERE kind = 'rule' AND subject = ANY (%(names)s::text[])
