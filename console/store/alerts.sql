-- active_alerts --
SELECT w.body, w.severity, w.raised_at, w.id
FROM alert_wire w JOIN places p ON p.code = w.place
WHERE w.ended_at IS NULL AND w.state <> 'suppressed'
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR w.estate = %(estate)s)
  AND (%(code)s::text IS NULL OR w.code = %(code)s)
  AND (%(severity)s::int IS NULL OR w.severity = %(severity)s)
  AND (%(device)s::text IS NULL OR w.device = %(device)s)
  AND (%(after_id)s::bigint IS NULL OR w.severity > %(after_severity)s
       OR (w.severity = %(after_severity)s AND (w.raised_at, w.id) < (%(after_raised)s::timestamptz, %(after_id)s)))
ORDER BY w.severity, w.raised_at DESC, w.id DESC
LIMIT %(limit)s

-- past_alerts --
SELECT w.body, w.raised_at, w.id
FROM alert_wire w JOIN places p ON p.code = w.place
WHERE (CASE %(state)s WHEN 'all' THEN true WHEN 'ended' THEN w.ended_at IS NOT NULL
           ELSE w.ended_at IS NULL AND w.state = 'suppressed' END)
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR w.estate = %(estate)s)
  AND (%(code)s::text IS NULL OR w.code = %(code)s)
  AND (%(severity)s::int IS NULL OR w.severity = %(severity)s)
  AND (%(device)s::text IS NULL OR w.device = %(device)s)
  AND (%(after_id)s::bigint IS NULL OR (w.raised_at, w.id) < (%(after_raised)s::timestamptz, %(after_id)s))
ORDER BY w.raised_at DESC, w.id DESC
LIMIT %(limit)s

-- alert_groups --
SELECT jsonb_build_object('group_key', g.group_key, 'estate', g.estate, 'severity', g.severity, 'alerts', g.alerts,
    'ids', g.ids[:200], 'codes', g.codes, 'first_seen', g.first_seen, 'last_seen', g.last_seen, 'confidence', g.confidence,
    'lead', w.body) AS body, g.severity, g.raised_at, g.lead
FROM alert_group_wire g JOIN alert_wire w ON w.id = g.lead JOIN places p ON p.code = w.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR g.estate = %(estate)s)
  AND (%(after_id)s::bigint IS NULL OR g.severity > %(after_severity)s
       OR (g.severity = %(after_severity)s AND (g.raised_at, g.lead) < (%(after_raised)s::timestamptz, %(after_id)s)))
ORDER BY g.severity, g.raised_at DESC, g.lead DESC
LIMIT %(limit)s

-- held_back --
SELECT w.body FROM alerts a JOIN alert_wire w ON w.id = a.id
WHERE a.hushed_by = %(fingerprint)s AND a.ended_at IS NULL ORDER BY w.raised_at DESC, w.id DESC LIMIT 100

-- alert --
SELECT w.body, w.place, w.device, w.incident_id
FROM alert_wire w JOIN places p ON p.code = w.place
WHERE w.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- alert_body --
SELECT body FROM alert_wire WHERE id = %(id)s

-- alert_events --
SELECT jsonb_build_object('device', e.device, 'id', e.id, 'at', e.at, 'type', e.type, 'data', without_plate(e.data),
    'flags', e.flags, 'received_at', e.received_at, 'committed_at', e.committed_at) AS body
FROM alert_evidence v JOIN events e ON e.device = v.device AND e.id = v.event_id AND e.at = v.at
WHERE v.alert_id = %(id)s
ORDER BY e.at, e.id

-- alert_log --
SELECT jsonb_build_object('at', at, 'action', action, 'actor', actor, 'from_state', from_state,
    'to_state', to_state, 'reason', reason, 'detail', detail) AS body
FROM alert_log WHERE alert_id = %(id)s ORDER BY at

-- place_path --
SELECT jsonb_build_object('code', s.code, 'kind', s.kind, 'name_zh', s.name_zh, 'name_en', s.name_en) AS body
FROM places p CROSS JOIN LATERAL unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
WHERE p.code = %(place)s ORDER BY step.n

-- lock_alert --
SELECT a.id FROM alerts a JOIN places p ON p.code = a.place
WHERE a.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
FOR UPDATE OF a

-- locked_alert --
-- A statement of its own: only after the lock does the snapshot show what the winner did.
SELECT a.*, clock_timestamp() AS now, EXISTS (SELECT FROM incidents i WHERE i.id = a.incident_id AND i.closed_at IS NULL) AS tied,
    coalesce((SELECT d.profile FROM devices d WHERE d.id = a.device), '') AS profile,
    (SELECT jsonb_build_object('actor', l.actor, 'action', l.action, 'at', l.at)
     FROM alert_log l WHERE l.alert_id = a.id AND l.action IN ('acknowledge', 'dispatch', 'close')
     ORDER BY l.at DESC LIMIT 1) AS last
FROM alerts a WHERE a.id = %(id)s

-- move_alert --
UPDATE alerts SET state = %(state)s, version = version + 1,
    acked_at = coalesce(acked_at, now()), acked_by = coalesce(acked_by, %(actor)s),
    ended_at = CASE WHEN %(ends)s THEN now() END,
    outcome = coalesce(%(outcome)s, outcome),
    incident_id = coalesce(%(incident_id)s, incident_id)
WHERE id = %(id)s

-- hold_alert --
UPDATE alerts SET ack_until = %(until)s WHERE id = %(id)s

-- log_alert --
-- clock_timestamp: two moves in one transaction keep their order.
INSERT INTO alert_log (at, alert_id, action, actor, from_state, to_state, reason, detail)
VALUES (clock_timestamp(), %(id)s, %(action)s, %(actor)s, %(from_state)s, %(to_state)s, %(reason)s, %(detail)s)

-- lock_feed --
-- Numbers must appear in the order of their commits, or a reader that resumes would miss one.
SELECT pg_advisory_xact_lock(hashtext('shequ_feed'))

-- feed_incidents --
WITH told AS (
    INSERT INTO feed (kind, ref, estate, body)
    SELECT 'incident', id::text, estate, body FROM incident_wire WHERE id = ANY (%(ids)s::bigint[]) ORDER BY id::text
    RETURNING seq
)
SELECT pg_notify('shequ_feed', max(seq)::text) FROM told HAVING count(*) > 0

-- feed_alerts --
WITH told AS (
    INSERT INTO feed (kind, ref, estate, body)
    SELECT 'alert', id::text, estate, body FROM alert_wire WHERE id = ANY (%(ids)s::bigint[]) ORDER BY id::text
    RETURNING seq
)
SELECT pg_notify('shequ_feed', max(seq)::text) FROM told HAVING count(*) > 0

-- feed_devices --
WITH told AS (
    INSERT INTO feed (kind, ref, estate, body)
    SELECT 'device', id, estate, body FROM device_wire WHERE id = ANY (%(ids)s::text[]) ORDER BY id
    RETURNING seq
)
SELECT pg_notify('shequ_feed', max(seq)::text) FROM told HAVING count(*) > 0
