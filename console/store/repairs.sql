-- false_devices --
-- Devices of alerts that were just judged false, with their count since the last repair of each kind.
SELECT DISTINCT d.id, d.profile, d.estate, d.place, a.rule FROM alerts a JOIN devices d ON d.id = a.device
WHERE a.id = ANY (%(alerts)s::bigint[]) AND a.outcome = 'false_alarm' AND NOT a.drill

-- count_false --
SELECT count(*) AS n FROM alerts a WHERE a.device = %(device)s AND a.outcome = 'false_alarm' AND NOT a.drill
  AND a.raised_at > greatest(now() - %(within)s::interval, (
    SELECT max(o.closed_at) FROM repair_orders o WHERE o.device = %(device)s AND o.kind = %(kind)s))

-- order_repair --
INSERT INTO repair_orders (estate, place, device, rule, kind, facts, moved_by)
VALUES (%(estate)s, %(place)s, %(device)s, %(rule)s, %(kind)s, %(facts)s, 'platform')
ON CONFLICT (device, kind) WHERE closed_at IS NULL DO UPDATE SET facts = excluded.facts
RETURNING id

-- repairs --
SELECT o.id, jsonb_build_object('id', o.id, 'estate', o.estate, 'place', o.place, 'device', o.device, 'name_zh', d.name_zh,
    'name_en', d.name_en, 'profile', d.profile, 'rule', o.rule, 'kind', o.kind, 'state', o.state, 'facts', o.facts,
    'assignee', o.assignee, 'note', o.note, 'created_at', o.created_at, 'moved_at', o.moved_at, 'moved_by', o.moved_by,
    'closed_at', o.closed_at, 'version', o.version) AS body, o.state
FROM repair_orders o JOIN places p ON p.code = o.place JOIN devices d ON d.id = o.device
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(state)s::text = 'all' OR (o.closed_at IS NULL) = (%(state)s::text = 'open'))
  AND (%(id)s::bigint IS NULL OR o.id = %(id)s) AND (%(device)s::text IS NULL OR o.device = %(device)s)
  AND (%(rule)s::text IS NULL OR o.rule = %(rule)s)
  AND (%(before)s::bigint IS NULL OR o.id < %(before)s)
ORDER BY o.id DESC LIMIT %(limit)s

-- lock_repair --
SELECT o.id, o.state, o.version FROM repair_orders o JOIN places p ON p.code = o.place
WHERE o.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) FOR UPDATE OF o

-- move_repair --
UPDATE repair_orders SET state = %(state)s, assignee = coalesce(%(assignee)s, assignee), note = %(note)s, moved_at = now(),
    moved_by = %(by)s, version = version + 1, closed_at = CASE WHEN %(over)s THEN now() END
WHERE id = %(id)s

-- verdicts --
-- How the alerts of a device or a rule were judged, in the last so many days.
SELECT count(*) FILTER (WHERE a.outcome = 'true_alarm') AS true_alarm, count(*) FILTER (WHERE a.outcome = 'false_alarm') AS false_alarm,
    count(*) FILTER (WHERE a.outcome IN ('test', 'drill', 'duplicate', 'other')) AS apart, count(*) FILTER (WHERE a.outcome IS NULL) AS unjudged
FROM alerts a JOIN places p ON p.code = a.place
WHERE a.raised_at > now() - make_interval(days => %(days)s) AND NOT a.drill
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(device)s::text IS NULL OR a.device = %(device)s) AND (%(rule)s::text IS NULL OR a.rule = %(rule)s)

-- noisy --
-- Devices with false alarms in the last seven days: the beginning of every hint.
SELECT a.device, d.profile, d.name_zh, d.name_en, a.rule, a.code, d.estate, d.place, count(*) AS n, max(a.raised_at) AS last_at
FROM alerts a JOIN devices d ON d.id = a.device JOIN places p ON p.code = d.place
WHERE a.raised_at > now() - INTERVAL '7 days' AND a.outcome = 'false_alarm' AND NOT a.drill
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(device)s::text IS NULL OR a.device = %(device)s) AND (%(rule)s::text IS NULL OR a.rule = %(rule)s)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY n DESC, a.device LIMIT 100

-- supervised_cases --
-- Cases that are late enough to need a leader, and cases nobody has rated: beside the repairs, what "needs me" shows.
SELECT count(*) FILTER (WHERE i.closed_at IS NULL AND i.supervised_at IS NOT NULL) AS supervised,
    count(*) FILTER (WHERE i.closed_at IS NULL AND i.wish IS NOT NULL) AS waiting,
    count(*) FILTER (WHERE i.state = 'closed' AND i.closed_at > now() - INTERVAL '7 days') AS unrated
FROM incidents i JOIN places p ON p.code = i.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- points_waiting --
SELECT count(*) AS n FROM points_ledger l JOIN places p ON p.code = l.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND NOT EXISTS (SELECT FROM points_reviews r WHERE r.entry = l.id AND (r.step = 'publish' OR r.decision = 'refuse'))
