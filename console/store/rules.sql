-- explained --
SELECT a.id, a.rule, a.rule_version, a.code, a.reason, a.explain, a.subject, a.device, a.estate, a.first_seen, a.last_seen,
    coalesce(a.ended_at, a.cleared_at, now()) AS until, v.source
FROM alerts a JOIN places p ON p.code = a.place
LEFT JOIN rule_versions v ON v.rule = a.rule AND v.version = a.rule_version
WHERE a.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- silences_around --
SELECT jsonb_build_object('at', at, 'rule', rule, 'version', version, 'subject', subject, 'reason', reason,
    'device', device, 'event', event_id) AS body, reason, at
FROM rule_silences
WHERE rule = %(rule)s AND subject = %(subject)s AND at BETWEEN %(first_seen)s::timestamptz - INTERVAL '1 day' AND %(until)s
ORDER BY at LIMIT 50

-- judged_to --
SELECT max(clock) AS clock FROM ingest_progress

-- place_of_device --
SELECT d.estate, d.place FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = %(device)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
