-- kpi --
WITH mine AS MATERIALIZED (
    SELECT code FROM places WHERE %(scope)s::text IS NULL OR path @> ARRAY[%(scope)s::text]
), active AS (
    SELECT severity, state FROM alerts JOIN mine ON mine.code = place WHERE ended_at IS NULL
), fleet AS (
    SELECT d.id, d.online FROM devices d JOIN mine ON mine.code = d.place WHERE d.retired_at IS NULL
), today AS (
    SELECT raised_at, acked_at FROM alerts JOIN mine ON mine.code = place
    WHERE raised_at >= date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'
), waits AS (
    SELECT extract(epoch FROM acked_at - raised_at) AS s FROM alerts JOIN mine ON mine.code = place
    WHERE raised_at > now() - INTERVAL '24 hours' AND acked_at IS NOT NULL
)
SELECT
    (SELECT jsonb_object_agg(level, coalesce(n, 0))
     FROM generate_series(1, 4) level LEFT JOIN (SELECT severity, count(*) AS n FROM active GROUP BY 1) c
       ON c.severity = level) AS open_by_severity,
    (SELECT count(*) FROM active WHERE state = 'open') AS unacknowledged,
    (SELECT count(*) FROM incidents JOIN mine ON mine.code = place WHERE closed_at IS NULL) AS incidents_open,
    (SELECT count(*) FROM fleet) AS devices,
    (SELECT count(*) FROM fleet WHERE online = false) AS devices_offline,
    (SELECT count(*) FROM today) AS alerts_today,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY s) FROM waits)::float8 AS ack_p50_s,
    (SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY s) FROM waits)::float8 AS ack_p90_s

-- events_last_hour --
SELECT count(*) AS n FROM events e
WHERE e.at > now() - INTERVAL '1 hour' AND e.at <= now()
  AND (%(scope)s::text IS NULL OR e.estate IN (
    SELECT code FROM places
    WHERE kind = 'estate' AND (path @> ARRAY[%(scope)s::text]
                               OR code = ANY ((SELECT path FROM places WHERE code = %(scope)s)::text[]))))

-- quarantined_last_hour --
SELECT count(*) AS n FROM quarantine q LEFT JOIN places p ON p.code = topic_estate(q.topic)
WHERE q.received_at > now() - INTERVAL '1 hour' AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- ingest --
-- The slowest worker counts.
SELECT to_jsonb(min(clock)) #>> '{}' AS clock, extract(epoch FROM now() - min(clock))::float8 AS lag_s,
    coalesce(sum(waiting), 0)::bigint AS waiting
FROM ingest_progress

-- ready --
SELECT to_regclass('alert_wire') IS NOT NULL AND to_regclass('device_wire') IS NOT NULL AS migrations

-- open_alerts --
SELECT level AS severity, count(a.id) AS n
FROM generate_series(1, 4) level LEFT JOIN alerts a ON a.severity = level AND a.ended_at IS NULL
GROUP BY 1
