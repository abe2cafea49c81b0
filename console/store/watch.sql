-- clock --
SELECT clock_timestamp() AS now

-- press --
-- Every estate's canary is about to call; one that has not come all the way keeps the time since when.
INSERT INTO canaries AS c (estate, id, sent_at) SELECT code, %(id)s, clock_timestamp() FROM places WHERE kind = 'estate'
ON CONFLICT (estate) DO UPDATE SET id = excluded.id, sent_at = excluded.sent_at,
    judged_at = NULL, shown_at = NULL, posted_at = NULL, told_at = NULL,
    since = CASE WHEN c.shown_at IS NULL OR c.told_at IS NULL THEN coalesce(c.since, c.sent_at) END
RETURNING estate, sent_at

-- wrong --
-- Everything that is not as it should be, each with since when.
SELECT 'canary/' || c.estate AS name, coalesce(c.since, c.sent_at) AS since, jsonb_build_object('stops_at',
    CASE WHEN c.judged_at IS NULL THEN 'ingest' WHEN c.shown_at IS NULL THEN 'console'
         WHEN c.posted_at IS NULL THEN 'duty' ELSE 'sender' END) AS detail
FROM canaries c
WHERE (c.shown_at IS NULL OR c.told_at IS NULL)
  AND (c.since IS NOT NULL OR c.sent_at < clock_timestamp() - %(canary_late_s)s * INTERVAL '1 second')
UNION ALL
SELECT 'invariant/' || w.name, w.since, jsonb_build_object('count', w.count) FROM watchdog w
WHERE w.count > 0 AND w.since < clock_timestamp() - %(patience_s)s * INTERVAL '1 second'
UNION ALL
SELECT 'part/duty', max(w.at), '{}' FROM watchdog w
HAVING max(w.at) < clock_timestamp() - %(duty_late_s)s * INTERVAL '1 second'
UNION ALL
SELECT 'part/ingest', max(p.heard_at), '{}' FROM ingest_progress p
HAVING max(p.heard_at) < clock_timestamp() - %(ingest_late_s)s * INTERVAL '1 second'
UNION ALL
SELECT 'part/quarantine', q.full_since, '{}' FROM quarantine_room q WHERE q.full_since IS NOT NULL
ORDER BY since, name

-- looked --
INSERT INTO watch_looks (at, channel, heartbeat_at) VALUES (clock_timestamp(), %(channel)s, %(heartbeat_at)s)
ON CONFLICT (one) DO UPDATE SET at = excluded.at, channel = excluded.channel,
    heartbeat_at = coalesce(excluded.heartbeat_at, watch_looks.heartbeat_at)

-- findings --
SELECT name, detail, since, told_at, problem FROM watch_findings ORDER BY since, name

-- put_finding --
INSERT INTO watch_findings (name, detail, since, told_at, problem)
VALUES (%(name)s, %(detail)s, %(since)s, %(told_at)s, %(problem)s)
ON CONFLICT (name) DO UPDATE SET detail = excluded.detail, since = excluded.since, told_at = excluded.told_at,
    problem = excluded.problem

-- drop_findings --
DELETE FROM watch_findings WHERE name <> ALL (%(names)s::text[])

-- watch --
SELECT to_jsonb(l.at) #>> '{}' AS at, extract(epoch FROM clock_timestamp() - l.at)::float8 AS lag_s, l.channel,
    to_jsonb(l.heartbeat_at) #>> '{}' AS heartbeat_at, (SELECT count(*) FROM watch_findings)::int AS findings
FROM watch_looks l

-- canaries --
SELECT jsonb_build_object('estate', c.estate, 'name_zh', p.name_zh, 'name_en', p.name_en, 'sent_at', c.sent_at,
    'since', f.since, 'stops_at', f.detail -> 'stops_at', 'told_at', f.told_at, 'problem', f.problem,
    'judged_s', extract(epoch FROM c.judged_at - c.sent_at), 'shown_s', extract(epoch FROM c.shown_at - c.sent_at),
    'posted_s', extract(epoch FROM c.posted_at - c.sent_at), 'told_s', extract(epoch FROM c.told_at - c.sent_at)) AS body
FROM canaries c JOIN places p ON p.code = c.estate LEFT JOIN watch_findings f ON f.name = 'canary/' || c.estate
WHERE %(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]
ORDER BY f.since NULLS LAST, c.estate

-- others --
-- What is wrong besides the canaries, which are said of their estates.
SELECT to_jsonb(f) AS body FROM watch_findings f WHERE f.name NOT LIKE 'canary/%' ORDER BY f.since, f.name

-- invariants --
SELECT to_jsonb(w) AS body FROM watchdog w ORDER BY w.name
