-- hours --
-- Alerts of the last 24 hours by hour and severity; hours without any are there too.
WITH mine AS MATERIALIZED (
    SELECT code FROM places WHERE %(scope)s::text IS NULL OR path @> ARRAY[%(scope)s::text]
), raised AS (
    SELECT date_trunc('hour', a.raised_at) AS hour, a.severity FROM alerts a JOIN mine ON mine.code = a.place
    WHERE a.raised_at >= date_trunc('hour', now()) - INTERVAL '23 hours' AND NOT a.drill
)
SELECT to_jsonb(h.hour) #>> '{}' AS at,
    ARRAY[count(*) FILTER (WHERE r.severity = 1), count(*) FILTER (WHERE r.severity = 2),
          count(*) FILTER (WHERE r.severity = 3), count(*) FILTER (WHERE r.severity = 4)] AS by_severity
FROM generate_series(date_trunc('hour', now()) - INTERVAL '23 hours', date_trunc('hour', now()), INTERVAL '1 hour') AS h (hour)
LEFT JOIN raised r ON r.hour = h.hour
GROUP BY h.hour ORDER BY h.hour

-- fleet --
SELECT d.profile, count(*) AS devices, count(*) FILTER (WHERE d.online = false) AS offline
FROM devices d JOIN places p ON p.code = d.place
WHERE d.retired_at IS NULL AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
GROUP BY d.profile ORDER BY count(*) DESC, d.profile
