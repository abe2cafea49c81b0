-- Each statement finds one kind of work in the caller's places (rules of the kinds: console/today.py). All answer the
-- same columns (only orders have `incident`); `total` counts what the limit cuts off.

-- order --
-- Cases with orders of the property's own that nobody has finished: one row each, with the order that is least far.
SELECT i.id::text AS subject, i.title AS name_zh, i.title AS name_en, i.place, to_jsonb(min(o.sent_at)) #>> '{}' AS since,
    (array_agg(o.state ORDER BY array_position('{sent,acknowledged,on_scene}', o.state)))[1] AS detail,
    json_build_object('case_code', i.case_code, 'code', i.code, 'severity', i.severity) AS incident,
    count(*) OVER () AS total
FROM orders o JOIN incidents i ON i.id = o.incident_id JOIN places p ON p.code = i.place
WHERE o.org = 'PM' AND o.state IN ('sent', 'acknowledged', 'on_scene') AND i.closed_at IS NULL
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
GROUP BY i.id
ORDER BY i.severity, min(o.sent_at), i.id LIMIT %(limit)s

-- rollout --
SELECT r.id::text AS subject, r.name AS name_zh, r.name AS name_en, NULL AS place, to_jsonb(r.stage_since) #>> '{}' AS since,
    r.reason AS detail,
    count(*) OVER () AS total
FROM rollouts r
WHERE r.state = 'stopped' AND EXISTS (
    SELECT FROM rollout_devices rd JOIN devices d ON d.id = rd.device JOIN places p ON p.code = d.place
    WHERE rd.rollout = r.id AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]))
ORDER BY r.stage_since, r.id LIMIT %(limit)s

-- offline --
SELECT d.id AS subject, d.name_zh, d.name_en, d.place, to_jsonb(link.at) #>> '{}' AS since,
    d.profile AS detail, count(*) OVER () AS total
FROM devices d JOIN places p ON p.code = d.place
LEFT JOIN LATERAL (SELECT t.at FROM device_status t WHERE t.device = d.id AND NOT t.online ORDER BY t.at DESC LIMIT 1) link ON true
WHERE d.online IS FALSE AND d.lifecycle = 'active' AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY link.at NULLS FIRST, d.id LIMIT %(limit)s

-- test_mode --
-- Tests and drills that still keep alarms from people.
SELECT h.id::text AS subject, coalesce(d.name_zh, p.name_zh) AS name_zh, coalesce(d.name_en, p.name_en) AS name_en,
    p.code AS place, to_jsonb(h.starts_at) #>> '{}' AS since,
    h.reason AS detail, count(*) OVER () AS total
FROM hushes h LEFT JOIN devices d ON d.id = h.scope JOIN places p ON p.code = coalesce(d.place, h.scope)
WHERE h.kind IN ('test', 'drill') AND h.starts_at <= now() AND coalesce(h.ended_at, h.ends_at) > now()
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY h.starts_at, h.id LIMIT %(limit)s

-- quiet --
-- Silences and maintenance windows that end within a day, or have gone on for a week.
SELECT h.id::text AS subject, coalesce(d.name_zh, p.name_zh) AS name_zh, coalesce(d.name_en, p.name_en) AS name_en,
    p.code AS place, to_jsonb(h.starts_at) #>> '{}' AS since,
    h.reason AS detail, count(*) OVER () AS total
FROM hushes h LEFT JOIN devices d ON d.id = h.scope JOIN places p ON p.code = coalesce(d.place, h.scope)
WHERE h.kind IN ('silence', 'maintenance') AND h.starts_at <= now() AND coalesce(h.ended_at, h.ends_at) > now()
  AND (h.ends_at < now() + INTERVAL '1 day' OR h.starts_at < now() - INTERVAL '7 days')
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY h.starts_at, h.id LIMIT %(limit)s

-- battery --
-- Batteries as low as their family allows, by the newest report of the last thirty days.
SELECT d.id AS subject, d.name_zh, d.name_en, d.place, to_jsonb(bat.at) #>> '{}' AS since,
    round(bat.percent)::int::text AS detail, count(*) OVER () AS total
FROM devices d JOIN places p ON p.code = d.place
JOIN LATERAL (SELECT (e.data ->> 'battery')::float8 AS percent, e.at FROM events e
    WHERE e.device = d.id AND e.type = 'state' AND e.data ? 'battery' AND e.at > now() - INTERVAL '30 days'
    ORDER BY e.at DESC LIMIT 1) bat ON bat.percent <= coalesce((%(low)s::jsonb ->> d.profile)::float8, %(low_else)s)
WHERE d.lifecycle = 'active' AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY bat.percent, d.id LIMIT %(limit)s

-- maintenance --
-- Due within a week, or overdue.
SELECT d.id AS subject, d.name_zh, d.name_en, d.place, NULL AS since,
    d.maintenance_due::text AS detail, count(*) OVER () AS total
FROM devices d JOIN places p ON p.code = d.place
WHERE d.maintenance_due <= current_date + 7 AND d.lifecycle IN ('active', 'maintenance')
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY d.maintenance_due, d.id LIMIT %(limit)s

-- repair --
SELECT o.id::text AS subject, d.name_zh, d.name_en, o.place, to_jsonb(o.created_at) #>> '{}' AS since,
    o.kind AS detail, count(*) OVER () AS total
FROM repair_orders o JOIN devices d ON d.id = o.device JOIN places p ON p.code = o.place
WHERE o.closed_at IS NULL AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY o.created_at, o.id LIMIT %(limit)s

-- enrolment --
SELECT n.id::text AS subject, coalesce(n.device, n.foreign_name, n.serial, '') AS name_zh,
    coalesce(n.device, n.foreign_name, n.serial, '') AS name_en, n.estate AS place, to_jsonb(n.first_seen) #>> '{}' AS since,
    coalesce(n.profile, n.kind) AS detail, count(*) OVER () AS total
FROM enrolments n JOIN places p ON p.code = n.estate
WHERE n.state = 'pending' AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY n.first_seen, n.id LIMIT %(limit)s

-- contact --
-- People of these places whom nobody can call.
SELECT e.id AS subject, e.name AS name_zh, e.name AS name_en, e.place, to_jsonb(e.created_at) #>> '{}' AS since,
    array_to_string(e.roles, ' ') AS detail,
    count(*) OVER () AS total
FROM people e JOIN places p ON p.code = e.place
WHERE e.active AND NOT EXISTS (SELECT FROM personal.fields f WHERE f.subject = 'person:' || e.id AND f.field = 'phone')
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY e.created_at, e.id LIMIT %(limit)s
