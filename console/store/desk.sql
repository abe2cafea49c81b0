-- lock_hold --
-- One row per person, held until the commit: two pages of one person take turns.
SELECT pg_advisory_xact_lock(hashtext('shequ_hold'), hashtext(%(who)s))

-- hold_of --
SELECT h.alert_id, h.until > now() AS alive FROM alert_holds h WHERE h.user_name = %(who)s

-- visible_alert --
SELECT a.id FROM alerts a JOIN places p ON p.code = a.place
WHERE a.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- hold --
INSERT INTO alert_holds AS h (user_name, alert_id, until)
VALUES (%(who)s, %(id)s, now() + make_interval(secs => %(seconds)s))
ON CONFLICT (user_name) DO UPDATE SET alert_id = EXCLUDED.alert_id, until = EXCLUDED.until,
    since = CASE WHEN h.alert_id = EXCLUDED.alert_id AND h.until > now() THEN h.since ELSE now() END

-- release --
DELETE FROM alert_holds WHERE user_name = %(who)s

-- holds --
SELECT jsonb_build_object('alert', a.id, 'incident', a.incident_id, 'who', u.name, 'name', u.display_name, 'since', h.since, 'until', h.until,
    'place', a.place) AS body
FROM alert_holds h JOIN users u ON u.name = h.user_name JOIN alerts a ON a.id = h.alert_id JOIN places p ON p.code = a.place
WHERE h.until > now() AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY h.since, u.name

-- tell_hold --
-- `until` null: let go. The place in the body says who may hear of it.
WITH told AS (
    INSERT INTO feed (kind, ref, estate, body)
    SELECT 'hold', a.id::text, a.estate, jsonb_build_object('alert', a.id, 'incident', a.incident_id, 'who', u.name, 'name', u.display_name,
        'since', h.since, 'until', h.until, 'place', a.place)
    FROM alerts a JOIN users u ON u.name = %(who)s
    LEFT JOIN alert_holds h ON h.user_name = u.name AND h.alert_id = a.id
    WHERE a.id = %(id)s
    RETURNING seq
)
SELECT pg_notify('shequ_feed', max(seq)::text) FROM told HAVING count(*) > 0

-- queue_views --
-- One's own, and shared ones of leaders whose places meet one's own.
SELECT jsonb_build_object('id', v.id, 'name', v.name, 'filter', v.filter, 'shared', v.shared, 'by', u.display_name,
    'mine', v.user_name = %(who)s) AS body
FROM queue_views v JOIN users u ON u.name = v.user_name
LEFT JOIN places theirs ON theirs.code = u.scope
LEFT JOIN places ours ON ours.code = %(scope)s::text
WHERE v.user_name = %(who)s OR (v.shared AND NOT u.disabled AND (
    u.scope IS NULL OR %(scope)s::text IS NULL OR ours.path @> ARRAY[u.scope] OR theirs.path @> ARRAY[%(scope)s::text]))
ORDER BY v.shared, v.name, v.id

-- add_view --
INSERT INTO queue_views (user_name, name, filter, shared) VALUES (%(who)s, %(name)s, %(filter)s, %(shared)s)
ON CONFLICT (user_name, name) DO UPDATE SET filter = EXCLUDED.filter, shared = EXCLUDED.shared
RETURNING id

-- count_views --
SELECT count(*) AS n FROM queue_views WHERE user_name = %(who)s AND name <> %(name)s

-- drop_view --
DELETE FROM queue_views WHERE id = %(id)s AND user_name = %(who)s RETURNING name

-- alert_history --
-- What this device, and what else at this place, said before; `cause` is what people found it was.
WITH here AS (SELECT id, device, place FROM alerts WHERE id = %(id)s)
SELECT a.device IS NOT NULL AND a.device = here.device AS own,
    jsonb_build_object('id', a.id, 'code', a.code, 'severity', a.severity, 'state', a.state, 'place', a.place,
        'device', a.device, 'raised_at', a.raised_at, 'ended_at', a.ended_at, 'outcome', a.outcome,
        'cause', coalesce(said.cause, i.cause), 'drill', a.drill) AS body
FROM here, alerts a JOIN places p ON p.code = a.place LEFT JOIN incidents i ON i.id = a.incident_id
LEFT JOIN LATERAL (
    SELECT l.detail->>'cause' AS cause FROM alert_log l
    WHERE l.alert_id = a.id AND l.action = 'close' ORDER BY l.at DESC LIMIT 1
) said ON true
WHERE a.id <> here.id AND a.raised_at > now() - make_interval(days => %(days)s)
    AND (a.device = here.device OR p.path @> ARRAY[here.place])
    AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY a.raised_at DESC, a.id DESC LIMIT 200

-- alert_cameras --
-- The estate's cameras by distance in its sketch, each with its newest picture of the last day.
WITH here AS (
    SELECT a.estate, a.place, coalesce(d.x, spot.x) AS x, coalesce(d.y, spot.y) AS y
    FROM alerts a JOIN places p ON p.code = a.place LEFT JOIN devices d ON d.id = a.device
    LEFT JOIN LATERAL (
        SELECT avg((corner->>0)::double precision) AS x, avg((corner->>1)::double precision) AS y
        FROM jsonb_array_elements((
            SELECT s.outline FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
            WHERE jsonb_array_length(s.outline) > 0 ORDER BY step.n DESC LIMIT 1)) AS corner
    ) spot ON true
    WHERE a.id = %(id)s
), near AS (
    SELECT c.id, c.place, c.name_zh, c.name_en, c.online, sqrt((c.x - here.x) ^ 2 + (c.y - here.y) ^ 2) AS metres
    FROM here JOIN devices c ON c.estate = here.estate AND c.profile = 'camera' AND c.retired_at IS NULL
    JOIN places p ON p.code = c.place
    WHERE %(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]
    ORDER BY c.place <> here.place, metres NULLS LAST, c.id LIMIT %(limit)s
)
SELECT jsonb_build_object('device', n.id, 'name_zh', n.name_zh, 'name_en', n.name_en, 'place', n.place, 'online', n.online,
    'metres', round(n.metres::numeric, 1), 'snapshot', seen.snapshot, 'at', seen.at) AS body
FROM near n LEFT JOIN LATERAL (
    SELECT e.snapshot, e.at FROM (
        SELECT e.data->>'snapshot' AS snapshot, e.at FROM events e
        WHERE e.device = n.id AND e.at > now() - INTERVAL '1 day' ORDER BY e.at DESC LIMIT 500
    ) e WHERE e.snapshot IS NOT NULL ORDER BY e.at DESC LIMIT 1
) seen ON true
ORDER BY n.metres NULLS LAST, n.id

-- alert_residents --
-- People who are looked after and live in the alert's building, or in its place where that is in none; by entrance only.
WITH here AS (
    SELECT a.place, coalesce((
        SELECT s.code FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
        WHERE s.kind = 'building' ORDER BY step.n DESC LIMIT 1), a.place) AS around
    FROM alerts a JOIN places p ON p.code = a.place WHERE a.id = %(id)s
)
SELECT jsonb_build_object('near', near.code, 'near_zh', near.name_zh, 'near_en', near.name_en,
    'here', here.place <> here.around AND p.path @> ARRAY[here.place]) AS body
FROM here JOIN places p ON p.path @> ARRAY[here.around] JOIN personal.cared c ON c.place = p.code
JOIN LATERAL (
    SELECT s.code, s.name_zh, s.name_en FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
    WHERE s.kind IN ('estate', 'building', 'unit') ORDER BY step.n DESC LIMIT 1
) near ON true
WHERE %(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]
ORDER BY p.path @> ARRAY[here.place] DESC, near.code, c.person LIMIT %(limit)s
