-- board --
-- Numerator and denominator of every indicator (rules/kpis.py holds the words), for a place and each place right below it.
-- A percentile's "numerator" is its value, its "denominator" how many cases it rests on.
WITH nodes AS MATERIALIZED (
    SELECT c.code, c.path FROM places r JOIN places c ON c.path @> ARRAY[%(node)s::text]
    WHERE r.code = %(node)s
      AND (c.code = r.code OR (cardinality(c.path) = cardinality(r.path) + 1 AND c.kind IN ('city', 'town', 'community', 'estate', 'building')))
), spots AS MATERIALIZED (
    -- by equality, not by @>: whoever plans can tell how many these are, and hashes instead of looping
    SELECT n.code AS node, p.code AS place FROM places p CROSS JOIN LATERAL unnest(p.path) step (code) JOIN nodes n ON n.code = step.code
), cases AS MATERIALIZED (
    SELECT i.id, i.place, i.severity, i.closed_at, t.accepted, t.arrived, t.checked, t.reopened, least(i.opened_at, a.raised) AS t0,
        coalesce(accept.kept, t.accepted <= least(i.opened_at, a.raised) + l.accept) AS accept_kept,
        CASE WHEN t.arrived IS NOT NULL THEN coalesce(arrive.kept, t.arrived <= least(i.opened_at, a.raised) + l.arrive)
             WHEN coalesce(arrive.late, i.closed_at IS NULL AND least(i.opened_at, a.raised) + l.arrive < %(as_of)s) THEN false
        END AS arrive_kept, -- null: not yet due, or nobody had to go
        CASE WHEN i.closed_at IS NOT NULL THEN coalesce(shut.kept, i.closed_at <= least(i.opened_at, a.raised) + l.shut)
             WHEN coalesce(shut.late, least(i.opened_at, a.raised) + l.shut < %(as_of)s) THEN false
        END AS close_kept -- null: not yet due
    FROM (
        SELECT incident_id, min(at) FILTER (WHERE action = 'accept') AS accepted, min(at) FILTER (WHERE action = 'arrive') AS arrived,
            count(*) FILTER (WHERE action IN ('verify', 'reopen')) AS checked, count(*) FILTER (WHERE action = 'reopen') AS reopened
        FROM incident_log
        WHERE incident_id IN (SELECT incident_id FROM incident_log WHERE action = 'accept' AND at >= %(start)s AND at < %(end)s)
        GROUP BY incident_id
    ) t
    JOIN incidents i ON i.id = t.incident_id
    JOIN places p ON p.code = i.place AND p.path @> ARRAY[%(node)s::text]
    JOIN LATERAL (SELECT limits.accept, limits.arrive, limits.shut FROM unnest(
        %(accept_limits)s::interval[], %(arrive_limits)s::interval[], %(close_limits)s::interval[]
    ) WITH ORDINALITY AS limits (accept, arrive, shut, severity) WHERE limits.severity = i.severity) l ON true
    LEFT JOIN LATERAL (SELECT min(raised_at) AS raised FROM alerts WHERE incident_id = i.id) a ON true
    LEFT JOIN LATERAL (SELECT bool_and(breached_at IS NULL AND met_at <= coalesce(due_at, met_at)) AS kept
        FROM incident_clocks c WHERE c.incident_id = i.id AND c.clock = 'accept' AND c.met_at IS NOT NULL) accept ON true
    LEFT JOIN LATERAL (SELECT bool_and(breached_at IS NULL AND met_at <= coalesce(due_at, met_at)) FILTER (WHERE met_at IS NOT NULL) AS kept,
            bool_or(met_at IS NULL AND (breached_at IS NOT NULL OR coalesce(due_at < %(as_of)s, false))) AS late
        FROM incident_clocks c WHERE c.incident_id = i.id AND c.clock = 'arrive') arrive ON true
    LEFT JOIN LATERAL (SELECT bool_and(breached_at IS NULL AND met_at <= coalesce(due_at, met_at)) FILTER (WHERE met_at IS NOT NULL) AS kept,
            bool_or(met_at IS NULL AND (breached_at IS NOT NULL OR coalesce(due_at < %(as_of)s, false))) AS late
        FROM incident_clocks c WHERE c.incident_id = i.id AND c.clock = 'close') shut ON true
    WHERE t.accepted >= %(start)s AND t.accepted < %(end)s
      AND NOT i.drill AND i.state NOT IN ('merged', 'rejected') AND coalesce(i.outcome, '') <> 'drill'
), of_cases AS (
    SELECT s.node,
        jsonb_build_array(count(*) FILTER (WHERE close_kept AND reopened = 0), count(*) FILTER (WHERE close_kept IS NOT NULL)) AS completion,
        jsonb_build_array(count(*) FILTER (WHERE accept_kept), count(*)) AS on_time_accept,
        jsonb_build_array(count(*) FILTER (WHERE arrive_kept), count(*) FILTER (WHERE arrive_kept IS NOT NULL)) AS on_time_arrive,
        jsonb_build_array(count(*) FILTER (WHERE close_kept), count(*) FILTER (WHERE close_kept IS NOT NULL)) AS on_time_close,
        percentile_cont('{0.5,0.9}'::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM accepted - t0)::float8) AS accept,
        percentile_cont('{0.5,0.9}'::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM arrived - t0)::float8) AS arrive,
        percentile_cont('{0.5,0.9}'::float8[]) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - t0)::float8) AS shut,
        count(*) AS n, count(arrived) AS n_arrived, count(closed_at) AS n_closed,
        jsonb_build_array(count(*) FILTER (WHERE reopened > 0), count(*) FILTER (WHERE checked > 0)) AS reopened,
        jsonb_build_array(count(*) FILTER (WHERE severity <= 2 AND EXISTS (SELECT FROM plan_runs r WHERE r.incident_id = cases.id)),
            count(*) FILTER (WHERE severity <= 2)) AS planned
    FROM cases JOIN spots s USING (place) GROUP BY s.node
), shut AS (
    SELECT s.node, jsonb_build_array(count(r.incident_id), count(*)) AS rating_response
    FROM incidents i JOIN spots s ON s.place = i.place LEFT JOIN ratings r ON r.incident_id = i.id
    WHERE i.closed_at >= %(start)s AND i.closed_at < %(end)s AND NOT i.drill AND i.state NOT IN ('merged', 'rejected')
      AND coalesce(i.outcome, '') <> 'drill' GROUP BY s.node
), rated AS (
    SELECT s.node, jsonb_build_array(count(*) FILTER (WHERE r.score >= 4), count(*)) AS satisfaction
    FROM ratings r JOIN incidents i ON i.id = r.incident_id JOIN spots s ON s.place = i.place
    WHERE r.at >= %(start)s AND r.at < %(end)s GROUP BY s.node
), judged AS (
    SELECT s.node, jsonb_build_array(count(*) FILTER (WHERE a.outcome = 'false_alarm'), count(*)) AS false_alarm
    FROM alerts a JOIN spots s ON s.place = a.place
    WHERE a.raised_at >= %(start)s AND a.raised_at < %(end)s AND NOT a.drill AND a.outcome IN ('true_alarm', 'false_alarm') GROUP BY s.node
), supervised AS (
    SELECT s.node, count(*) AS n FROM incident_log l JOIN incidents i ON i.id = l.incident_id JOIN spots s ON s.place = i.place
    WHERE l.at >= %(start)s AND l.at < %(end)s AND l.action = 'supervise' AND NOT i.drill GROUP BY s.node
), cameras AS MATERIALIZED (
    SELECT d.id, d.place, d.online, d.lifecycle, p.path,
        NOT EXISTS (SELECT FROM alerts a WHERE a.device = d.id AND a.ended_at IS NULL AND a.code LIKE 'DEV-%%') AS well
    FROM devices d JOIN spots s ON s.place = d.place AND s.node = %(node)s JOIN places p ON p.code = d.place
    WHERE d.network = 'xueliang' AND d.retired_at IS NULL
), of_cameras AS (
    SELECT s.node, jsonb_build_array(count(c.online), count(*)) AS networked,
        jsonb_build_array(count(*) FILTER (WHERE c.online AND c.well AND c.lifecycle = 'active'), count(*)) AS healthy
    FROM cameras c JOIN spots s USING (place) GROUP BY s.node
), points AS MATERIALIZED (
    SELECT g.code, g.network, g.place, p.path, d.id IS NOT NULL AS covered
    FROM coverage_points g JOIN places p ON p.code = g.place
    LEFT JOIN devices d ON d.id = g.device AND d.network = g.network AND d.lifecycle = 'active'
), communities AS (
    SELECT s.node, jsonb_build_array(count(*) FILTER (WHERE coalesce(
            (SELECT bool_and(g.covered) FROM points g WHERE g.network = 'xueliang' AND g.path @> ARRAY[c.code]),
            EXISTS (SELECT FROM cameras k WHERE k.lifecycle = 'active' AND k.path @> ARRAY[c.code]))), count(*)) AS coverage
    FROM places c JOIN spots s ON s.place = c.code WHERE c.kind = 'community' GROUP BY s.node
), roads AS (
    SELECT s.node, jsonb_build_array(count(*) FILTER (WHERE g.covered), count(*)) AS coverage
    FROM points g JOIN spots s USING (place) WHERE g.network = 'tianwang' GROUP BY s.node
), grid_staff AS (
    SELECT s.node, jsonb_build_array(sum(w.n), sum(g.households)) AS workers
    FROM grids g JOIN spots s ON s.place = g.community
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM people e WHERE e.grid = g.code AND e.active AND 'GW' = ANY (e.roles)) w
    WHERE g.kind = 'base' AND g.ended_at IS NULL AND g.households > 0 GROUP BY s.node
), repairs AS (
    SELECT s.node, count(*) AS n FROM repair_orders o JOIN spots s USING (place) WHERE o.closed_at IS NULL GROUP BY s.node
)
SELECT p.code, p.kind, p.name_zh, p.name_en, p.code = %(node)s AS own, jsonb_build_object(
    'completion', coalesce(c.completion, '[0, 0]'), 'satisfaction', coalesce(rated.satisfaction, '[0, 0]'),
    'rating_response', coalesce(shut.rating_response, '[0, 0]'), 'on_time_accept', coalesce(c.on_time_accept, '[0, 0]'),
    'on_time_arrive', coalesce(c.on_time_arrive, '[0, 0]'), 'on_time_close', coalesce(c.on_time_close, '[0, 0]'),
    'accept_p50', jsonb_build_array(c.accept[1], coalesce(c.n, 0)), 'accept_p90', jsonb_build_array(c.accept[2], coalesce(c.n, 0)),
    'arrive_p50', jsonb_build_array(c.arrive[1], coalesce(c.n_arrived, 0)), 'arrive_p90', jsonb_build_array(c.arrive[2], coalesce(c.n_arrived, 0)),
    'close_p50', jsonb_build_array(c.shut[1], coalesce(c.n_closed, 0)), 'close_p90', jsonb_build_array(c.shut[2], coalesce(c.n_closed, 0)),
    'false_alarm', coalesce(judged.false_alarm, '[0, 0]'), 'reopened', coalesce(c.reopened, '[0, 0]'),
    'supervised', jsonb_build_array(coalesce(supervised.n, 0), coalesce(supervised.n, 0)),
    'xueliang_coverage', coalesce(communities.coverage, '[0, 0]'), 'xueliang_networked', coalesce(of_cameras.networked, '[0, 0]'),
    'xueliang_healthy', coalesce(of_cameras.healthy, '[0, 0]'), 'tianwang_coverage', coalesce(roads.coverage, '[0, 0]'),
    'plan_coverage', coalesce(c.planned, '[0, 0]'), 'grid_workers', coalesce(grid_staff.workers, '[0, 0]'),
    'repairs_open', jsonb_build_array(coalesce(repairs.n, 0), coalesce(repairs.n, 0))
) AS figures
FROM nodes n JOIN places p ON p.code = n.code
LEFT JOIN of_cases c ON c.node = n.code LEFT JOIN shut ON shut.node = n.code LEFT JOIN rated ON rated.node = n.code
LEFT JOIN judged ON judged.node = n.code LEFT JOIN supervised ON supervised.node = n.code
LEFT JOIN of_cameras ON of_cameras.node = n.code LEFT JOIN communities ON communities.node = n.code
LEFT JOIN roads ON roads.node = n.code LEFT JOIN grid_staff ON grid_staff.node = n.code
LEFT JOIN repairs ON repairs.node = n.code
ORDER BY p.code <> %(node)s, p.code

-- root --
-- Where a caller's board begins; a region next door is nobody's root.
SELECT code FROM places WHERE code = coalesce(%(scope)s::text, code) ORDER BY neighbour, cardinality(path), code LIMIT 1

-- node --
SELECT jsonb_agg(jsonb_build_object('code', s.code, 'kind', s.kind, 'name_zh', s.name_zh, 'name_en', s.name_en) ORDER BY step.n) AS path
FROM places p CROSS JOIN LATERAL unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
WHERE p.code = %(node)s AND (%(scope)s::text IS NULL OR (p.path @> ARRAY[%(scope)s::text] AND s.path @> ARRAY[%(scope)s::text]))
HAVING count(*) > 0

-- false_by_rule --
SELECT a.rule AS ref, a.code, NULL AS name_zh, NULL AS name_en, count(*) FILTER (WHERE a.outcome = 'false_alarm') AS false, count(*) AS judged
FROM alerts a JOIN places p ON p.code = a.place
WHERE p.path @> ARRAY[%(node)s::text] AND a.raised_at >= %(start)s AND a.raised_at < %(end)s AND NOT a.drill
  AND a.outcome IN ('true_alarm', 'false_alarm')
GROUP BY a.rule, a.code ORDER BY 5 DESC, 6 DESC, 1 LIMIT %(limit)s

-- false_by_device --
SELECT a.device AS ref, a.code, d.name_zh, d.name_en, count(*) FILTER (WHERE a.outcome = 'false_alarm') AS false, count(*) AS judged
FROM alerts a JOIN places p ON p.code = a.place LEFT JOIN devices d ON d.id = a.device
WHERE p.path @> ARRAY[%(node)s::text] AND a.raised_at >= %(start)s AND a.raised_at < %(end)s AND NOT a.drill
  AND a.outcome IN ('true_alarm', 'false_alarm') AND a.device IS NOT NULL
GROUP BY a.device, a.code, d.name_zh, d.name_en HAVING count(*) FILTER (WHERE a.outcome = 'false_alarm') > 0
ORDER BY 5 DESC, 6 DESC, 1 LIMIT %(limit)s

-- by_day --
-- Alerts and cases by day of the county's calendar, for the charts.
SELECT to_char(day, 'YYYY-MM-DD') AS day,
    (SELECT count(*) FROM alerts a JOIN places p ON p.code = a.place WHERE p.path @> ARRAY[%(node)s::text] AND NOT a.drill
       AND a.raised_at >= day AT TIME ZONE 'Asia/Shanghai' AND a.raised_at < (day + INTERVAL '1 day') AT TIME ZONE 'Asia/Shanghai') AS alerts,
    (SELECT count(*) FROM incidents i JOIN places p ON p.code = i.place WHERE p.path @> ARRAY[%(node)s::text] AND NOT i.drill
       AND i.opened_at >= day AT TIME ZONE 'Asia/Shanghai' AND i.opened_at < (day + INTERVAL '1 day') AT TIME ZONE 'Asia/Shanghai') AS opened,
    (SELECT count(*) FROM incidents i JOIN places p ON p.code = i.place WHERE p.path @> ARRAY[%(node)s::text] AND NOT i.drill
       AND i.closed_at >= day AT TIME ZONE 'Asia/Shanghai' AND i.closed_at < (day + INTERVAL '1 day') AT TIME ZONE 'Asia/Shanghai') AS closed
FROM generate_series(%(start)s::timestamptz AT TIME ZONE 'Asia/Shanghai', %(end)s::timestamptz AT TIME ZONE 'Asia/Shanghai' - INTERVAL '1 second', INTERVAL '1 day') day
ORDER BY 1

-- by_code --
SELECT a.code, count(*) AS n FROM alerts a JOIN places p ON p.code = a.place
WHERE p.path @> ARRAY[%(node)s::text] AND a.raised_at >= %(start)s AND a.raised_at < %(end)s AND NOT a.drill
GROUP BY 1 ORDER BY 2 DESC, 1

-- by_severity --
SELECT level::text AS severity, count(a.id) AS n FROM generate_series(1, 4) level LEFT JOIN (
    SELECT a.id, a.severity FROM alerts a JOIN places p ON p.code = a.place
    WHERE p.path @> ARRAY[%(node)s::text] AND a.raised_at >= %(start)s AND a.raised_at < %(end)s AND NOT a.drill
) a ON a.severity = level GROUP BY level ORDER BY level

-- counted_out --
-- What the indicators leave out, so that nobody wonders.
SELECT count(*) FILTER (WHERE i.drill OR i.outcome = 'drill') AS drill, count(*) FILTER (WHERE i.state = 'merged') AS merged,
    count(*) FILTER (WHERE i.state = 'rejected') AS rejected
FROM incidents i JOIN places p ON p.code = i.place
WHERE p.path @> ARRAY[%(node)s::text] AND i.opened_at >= %(start)s AND i.opened_at < %(end)s

-- targets --
-- The nearest word on each target, from the place upwards.
SELECT DISTINCT ON (t.kpi) t.kpi, t.target, t.source, t.set_by, t.place
FROM places p CROSS JOIN LATERAL unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN kpi_targets t ON t.place = step.code
WHERE p.code = %(node)s ORDER BY t.kpi, step.n DESC

-- set_target --
INSERT INTO kpi_targets (kpi, place, target, unit, source, set_by)
VALUES (%(kpi)s, %(place)s, %(target)s, %(unit)s, %(source)s, %(by)s)
ON CONFLICT (kpi, place) DO UPDATE SET target = excluded.target, source = excluded.source, set_by = excluded.set_by, set_at = now()

-- targets_within --
-- Every target somebody set, of the place and below.
SELECT t.kpi, t.place, t.target, t.source, t.set_by, t.set_at, p.name_zh, p.name_en
FROM kpi_targets t JOIN places p ON p.code = t.place
WHERE %(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text] ORDER BY t.kpi, cardinality(p.path), t.place

-- drop_target --
DELETE FROM kpi_targets WHERE kpi = %(kpi)s AND place = %(place)s RETURNING target, source

-- coverage_points --
SELECT g.code, g.network, g.place, p.name_zh AS place_zh, p.name_en AS place_en, g.name_zh, g.name_en, g.device,
    d.name_zh AS device_zh, d.name_en AS device_en, g.set_by, g.set_at,
    coalesce(d.network = g.network AND d.lifecycle = 'active', false) AS covered
FROM coverage_points g JOIN places p ON p.code = g.place LEFT JOIN devices d ON d.id = g.device
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) AND (%(code)s::text IS NULL OR g.code = %(code)s)
ORDER BY g.network, g.place, g.code

-- add_coverage_point --
INSERT INTO coverage_points (code, network, place, name_zh, name_en, device, set_by)
VALUES (%(code)s, %(network)s, %(place)s, %(name_zh)s, %(name_en)s, %(device)s, %(by)s)
ON CONFLICT (code) DO NOTHING RETURNING code

-- change_coverage_point --
UPDATE coverage_points SET network = %(network)s, place = %(place)s, name_zh = %(name_zh)s, name_en = %(name_en)s,
    device = %(device)s, set_by = %(by)s, set_at = now()
WHERE code = %(code)s

-- drop_coverage_point --
DELETE FROM coverage_points WHERE code = %(code)s

-- visible_camera --
SELECT 1 AS yes FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = %(device)s AND d.profile = 'camera' AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
