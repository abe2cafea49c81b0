-- incident_scene --
SELECT i.id, i.code, i.severity, i.place, i.estate, i.drill, i.state, i.opened_at, p.path, d.x, d.y, here.outline,
    origin.lat AS origin_lat, origin.lon AS origin_lon, grid_at(p.path, i.opened_at) AS grid, i.closed_at, i.arrived_at,
    a.subject, a.verdict_at, p.name_zh, p.name_en
FROM incidents i JOIN places p ON p.code = i.place
LEFT JOIN LATERAL (SELECT a.subject, a.device, a.verdict_at, a.verdict FROM alerts a WHERE a.incident_id = i.id
                   ORDER BY (a.verdict IN ('confirmed', 'assumed', 'bypassed')) DESC NULLS LAST, a.id LIMIT 1) a ON true
LEFT JOIN devices d ON d.id = a.device
LEFT JOIN LATERAL (SELECT q.outline FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
                   WHERE jsonb_array_length(q.outline) > 0 ORDER BY step.n DESC LIMIT 1) here ON true
LEFT JOIN LATERAL anchor_of(p.path) origin ON true
WHERE i.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- alert_scene --
SELECT a.id, a.code, a.severity, a.place, a.estate, a.drill, a.state, a.raised_at AS opened_at, p.path, d.x, d.y, here.outline,
    origin.lat AS origin_lat, origin.lon AS origin_lon, grid_at(p.path, a.raised_at) AS grid, a.ended_at AS closed_at,
    NULL::timestamptz AS arrived_at, a.subject, a.verdict_at, p.name_zh, p.name_en, a.incident_id
FROM alerts a JOIN places p ON p.code = a.place
LEFT JOIN devices d ON d.id = a.device
LEFT JOIN LATERAL (SELECT q.outline FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
                   WHERE jsonb_array_length(q.outline) > 0 ORDER BY step.n DESC LIMIT 1) here ON true
LEFT JOIN LATERAL anchor_of(p.path) origin ON true
WHERE a.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- place_scene --
SELECT 0 AS id, p.code AS place, p.path, NULL::float8 AS x, NULL::float8 AS y, here.outline, now() AS opened_at,
    origin.lat AS origin_lat, origin.lon AS origin_lon, grid_at(p.path, now()) AS grid, NULL AS subject, p.name_zh, p.name_en
FROM places p
LEFT JOIN LATERAL (SELECT q.outline FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
                   WHERE jsonb_array_length(q.outline) > 0 ORDER BY step.n DESC LIMIT 1) here ON true
LEFT JOIN LATERAL anchor_of(p.path) origin ON true
WHERE p.code = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- candidates --
-- Whoever has one of the roles, wherever: the next place may be nearer than the own one. A family
-- contact only where the one they care for lives in this place, or is who the alert is about.
SELECT e.id, e.name, e.roles, e.skills, e.org, e.grid, e.place, p.path, p.neighbour, p.name_zh AS place_zh, p.name_en AS place_en,
    EXISTS (SELECT FROM personal.fields f WHERE f.subject = 'person:' || e.id AND (f.field = 'phone' OR f.field LIKE 'contact.%%')) AS reachable, coalesce(r.state, 'available') AS state, r.since,
    (SELECT count(*) FROM orders o WHERE o.person = e.id AND o.state IN ('sent', 'acknowledged', 'on_scene')) AS orders,
    (SELECT max(o.done_at) FROM orders o WHERE o.person = e.id AND o.done_at > now() - INTERVAL '1 day') AS finished_at,
    EXISTS (SELECT FROM orders o WHERE o.person = e.id AND o.incident_id = %(incident)s AND o.state = 'returned') AS refused,
    (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) AS own
FROM people e JOIN places p ON p.code = e.place LEFT JOIN responders r ON r.person = e.id
LEFT JOIN personal.cared c ON c.person = e.cares_for
WHERE e.active AND e.roles && %(roles)s::text[]
  AND (e.roles <> '{FAM}' OR c.place = ANY (%(path)s::text[]) OR c.person = %(subject)s::text)
ORDER BY e.id

-- resources --
SELECT s.id, s.kind, s.name_zh, s.name_en, s.place, p.path, s.quantity, s.state, s.checked_at, s.expires_on, s.version, s.keeper,
    p.name_zh AS place_zh, p.name_en AS place_en, (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) AS own,
    k.name AS keeper_name
FROM resources s JOIN places p ON p.code = s.place LEFT JOIN people k ON k.id = s.keeper
WHERE s.retired_at IS NULL
  AND (%(kinds)s::text[] IS NULL OR s.kind = ANY (%(kinds)s))
  AND (NOT %(only_own)s OR %(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(place)s::text IS NULL OR p.path @> ARRAY[%(place)s::text])
  AND (%(id)s::text IS NULL OR s.id = %(id)s)
ORDER BY s.id

-- add_resource --
INSERT INTO resources (id, kind, name_zh, name_en, place, quantity, keeper, expires_on, checked_at)
VALUES (%(id)s, %(kind)s, %(name_zh)s, %(name_en)s, %(place)s, %(quantity)s, %(keeper)s, %(expires_on)s, now())
ON CONFLICT (id) DO NOTHING RETURNING id

-- correct_resource --
UPDATE resources SET kind = %(kind)s, name_zh = %(name_zh)s, name_en = %(name_en)s, place = %(place)s, quantity = %(quantity)s,
    keeper = %(keeper)s, expires_on = %(expires_on)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL RETURNING id

-- retire_resource --
UPDATE resources SET retired_at = now(), version = version + 1 WHERE id = %(id)s

-- change_resource --
UPDATE resources SET state = %(state)s, quantity = %(quantity)s, checked_at = CASE WHEN %(checked)s THEN now() ELSE checked_at END,
    expires_on = %(expires_on)s, version = version + 1 WHERE id = %(id)s

-- now --
SELECT now() AS now

-- paths --
SELECT code, path FROM places WHERE code = ANY (%(codes)s)
