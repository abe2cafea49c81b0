-- devices --
-- What is stored about each device's health; %(limits)s is the silence each family allows, in seconds.
WITH shown AS MATERIALIZED (
    SELECT d.id, d.estate, d.profile, d.online, d.gateway, d.registered_at,
        coalesce(d.offline_after_s, (%(limits)s::jsonb ->> d.profile)::float8) AS limit_s
    FROM devices d JOIN places p ON p.code = d.place
    WHERE d.retired_at IS NULL AND d.lifecycle <> 'planned'
      AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
      AND (%(estate)s::text IS NULL OR d.estate = %(estate)s)
      AND (%(id)s::text IS NULL OR d.id = %(id)s)
      AND (%(after)s::text IS NULL OR d.id > %(after)s)
      AND (NOT %(bad)s OR d.online IS FALSE OR NOT EXISTS (
          SELECT FROM events e WHERE e.device = d.id AND e.at > now() - INTERVAL '1 second'
              * coalesce(d.offline_after_s, (%(limits)s::jsonb ->> d.profile)::float8)))
    ORDER BY d.id LIMIT %(limit)s
)
SELECT s.id, s.estate, s.profile, s.online, s.gateway, s.limit_s, seen.at AS last_seen, link.at AS link_since,
    test.result AS test_result, test.at AS test_at, test.reason AS test_reason, bat.percent, bat.at AS battery_at,
    sig.rssi, sig.at AS rssi_at, coalesce(flaps.n, 0) AS flaps, coalesce(dup.n, 0) AS duplicates,
    coalesce(seen.at > now() - s.limit_s * INTERVAL '1 second', false) AS fresh
FROM shown s
LEFT JOIN LATERAL (SELECT e.at FROM events e WHERE e.device = s.id ORDER BY e.at DESC LIMIT 1) seen ON true
LEFT JOIN LATERAL (SELECT t.at FROM device_status t WHERE t.device = s.id AND t.online = s.online
    ORDER BY t.at DESC LIMIT 1) link ON true
LEFT JOIN LATERAL (
    SELECT r.result, r.at, r.reason FROM (
        (SELECT e.data ->> 'self_test' AS result, e.at, NULL AS reason FROM events e
         WHERE e.device = s.id AND e.type = 'state' AND e.data ? 'self_test' AND e.at > now() - INTERVAL '90 days'
         ORDER BY e.at DESC LIMIT 1)
        UNION ALL
        (SELECT CASE k.state WHEN 'done' THEN 'passed' ELSE 'failed' END, k.replied_at, k.reply ->> 'reason'
         FROM device_commands k WHERE k.device = s.id AND k.name = 'self_test' AND k.state IN ('done', 'failed')
         ORDER BY k.id DESC LIMIT 1)
    ) r ORDER BY r.at DESC LIMIT 1) test ON true
LEFT JOIN LATERAL (SELECT (e.data ->> 'battery')::float8 AS percent, e.at FROM events e
    WHERE e.device = s.id AND e.type = 'state' AND e.data ? 'battery' AND e.at > now() - INTERVAL '90 days'
    ORDER BY e.at DESC LIMIT 1) bat ON true
LEFT JOIN LATERAL (SELECT (e.data ->> 'rssi')::float8 AS rssi, e.at FROM events e
    WHERE e.device = s.id AND e.type = 'state' AND e.data ? 'rssi' AND e.at > now() - INTERVAL '7 days'
    ORDER BY e.at DESC LIMIT 1) sig ON true
LEFT JOIN LATERAL (
    -- a word that repeats the one before is no change
    SELECT count(*) AS n FROM (SELECT t.online, lag(t.online) OVER (ORDER BY t.at) AS before FROM device_status t
        WHERE t.device = s.id AND t.at > now() - INTERVAL '1 hour') w WHERE w.online <> w.before) flaps ON true
LEFT JOIN LATERAL (SELECT sum(duplicates)::bigint AS n FROM device_counts c
    WHERE c.device = s.id AND c.day >= (now() - INTERVAL '1 day')::date) dup ON true
ORDER BY s.id

-- batteries --
-- One sample a day and device: the mean of its reports.
SELECT device, min(at) AS at, avg((data ->> 'battery')::float8) AS percent FROM events
WHERE device = ANY (%(ids)s) AND type = 'state' AND data ? 'battery' AND at > now() - INTERVAL '60 days'
GROUP BY device, time_bucket(INTERVAL '1 day', at) ORDER BY device, 2

-- decode_errors --
-- With those that were only counted, by the day.
SELECT split_part(topic, '/', 4) AS device, reason, sum(n)::bigint AS n FROM (
    SELECT topic, reason, 1 AS n FROM quarantine WHERE received_at > now() - INTERVAL '1 day'
    UNION ALL
    SELECT topic, reason, count FROM quarantine_folds WHERE day > now() - INTERVAL '1 day'
) q
WHERE topic LIKE 'shequ/v1/%%' AND split_part(topic, '/', 4) = ANY (%(ids)s)
GROUP BY 1, 2

-- clock --
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - received_at)::float8) AS offset_s,
    count(*) AS samples
FROM (SELECT at, received_at FROM events WHERE device = %(id)s AND NOT 'retained' = ANY (flags)
    ORDER BY at DESC LIMIT 20) newest

-- rate --
SELECT count(*) FILTER (WHERE at > now() - INTERVAL '1 hour') AS last_hour, count(*) / 24.0::float8 AS per_hour_24h
FROM events WHERE device = %(id)s AND at > now() - INTERVAL '1 day'

-- changes --
SELECT at, online FROM device_status WHERE device = %(id)s AND at > now() - INTERVAL '31 days' ORDER BY at

-- before --
SELECT online FROM device_status WHERE device = %(id)s AND at <= now() - INTERVAL '31 days' ORDER BY at DESC LIMIT 1

-- now --
SELECT now() AS now

-- down --
SELECT d.id, d.gateway, link.at AS since,
    (SELECT e.code FROM places e WHERE e.code = ANY (p.path) AND e.kind = 'building' LIMIT 1) AS building
FROM devices d JOIN places p ON p.code = d.place
LEFT JOIN LATERAL (SELECT t.at FROM device_status t WHERE t.device = d.id AND NOT t.online ORDER BY t.at DESC LIMIT 1) link ON true
WHERE d.online IS FALSE AND d.retired_at IS NULL
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR d.estate = %(estate)s)
ORDER BY d.id LIMIT 5000

-- behind --
SELECT gateway, array_agg(id ORDER BY id) AS devices FROM devices
WHERE gateway = ANY (%(ids)s) AND retired_at IS NULL GROUP BY gateway

-- totals --
SELECT b.code, count(*) AS n FROM places b JOIN places p ON p.path @> ARRAY[b.code]
JOIN devices d ON d.place = p.code AND d.retired_at IS NULL AND d.lifecycle <> 'planned'
WHERE b.code = ANY (%(codes)s) GROUP BY b.code

-- communities --
-- Cameras of a network by community, or by estate where no community is above it; the week's share of time up.
WITH cameras AS (
    SELECT d.id, d.online, coalesce(
        (SELECT e.code FROM places e WHERE e.code = ANY (p.path) AND e.kind = 'community' LIMIT 1), d.estate) AS area
    FROM devices d JOIN places p ON p.code = d.place
    WHERE d.profile = 'camera' AND d.network = %(network)s AND d.retired_at IS NULL
      AND d.lifecycle IN ('active', 'maintenance', 'provisioned')
      AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
), spans AS (
    SELECT t.device, t.online, greatest(t.at, now() - INTERVAL '7 days') AS since,
        coalesce(lead(t.at) OVER (PARTITION BY t.device ORDER BY t.at), now()) AS until
    FROM device_status t JOIN cameras c ON c.id = t.device WHERE t.at > now() - INTERVAL '37 days'
), weeks AS (
    SELECT device, sum(extract(epoch FROM until - since)) FILTER (WHERE online) AS up,
        sum(extract(epoch FROM until - since)) AS known
    FROM spans WHERE until > now() - INTERVAL '7 days' GROUP BY device
)
SELECT a.code AS place, a.kind, a.name_zh, a.name_en, count(*) AS cameras, count(*) FILTER (WHERE c.online) AS online,
    (coalesce(sum(w.up), 0) / nullif(sum(w.known), 0))::float8 AS uptime_7d
FROM cameras c JOIN places a ON a.code = c.area LEFT JOIN weeks w ON w.device = c.id
GROUP BY a.code, a.kind, a.name_zh, a.name_en ORDER BY a.code
