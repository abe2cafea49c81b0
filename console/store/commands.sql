-- judged_to --
SELECT clock FROM ingest_progress

-- events --
SELECT device, id FROM events

-- alerts --
SELECT code, subject, severity FROM alerts

-- quarantined --
-- With those that were only counted.
SELECT reason, sum(n)::bigint FROM (SELECT reason, 1 AS n FROM quarantine UNION ALL SELECT reason, count FROM quarantine_folds) q
GROUP BY reason

-- quarantined_again --
-- Rows with the same bytes as another one.
SELECT count(*) - count(DISTINCT (topic, payload, size)) FROM quarantine

-- versions --
SELECT current_setting('server_version'), extversion FROM pg_extension WHERE extname = 'timescaledb'

-- stored --
SELECT count(*) FROM events WHERE id LIKE %(prefix)s

-- stored_one --
-- By the index: asked many times a second, it costs the measured platform nothing.
SELECT 1 FROM events WHERE device = %(device)s AND id = %(id)s

-- stored_once --
SELECT count(*), count(DISTINCT (device, id)) FROM events WHERE id LIKE %(prefix)s

-- first_received --
SELECT extract(epoch FROM min(received_at))::float8 FROM events WHERE id LIKE %(prefix)s

-- bare_table --
CREATE TABLE bench_events (LIKE events INCLUDING DEFAULTS)

-- bare_hypertable --
SELECT create_hypertable('bench_events', 'at', chunk_time_interval => INTERVAL '1 day', create_default_indexes => false)

-- bare_once --
CREATE UNIQUE INDEX ON bench_events (device, id, at)

-- bare_device --
CREATE INDEX ON bench_events (device, at DESC)

-- bare_copy --
COPY bench_events (device, id, at, estate, type, data, flags, received_at) FROM STDIN

-- wrong_clocks --
-- What DEV-009 must have found: three messages with an impossible time of one device within a day.
SELECT DISTINCT device FROM (
    SELECT device, received_at - lag(received_at, 2) OVER (PARTITION BY device ORDER BY received_at) AS span
    FROM events WHERE flags && ARRAY['ahead', 'clock']
) clocks WHERE span <= INTERVAL '24 hours'

-- held_back --
SELECT hush_reason, count(*) FROM alerts WHERE state = 'suppressed' AND ended_at IS NULL GROUP BY hush_reason

-- camera_enters --
-- How often cameras told of something that began.
SELECT device, count(*) AS n FROM events
WHERE type = 'camera.object' AND data->>'phase' = 'enter' GROUP BY device

-- camera_alerts --
-- Alerts of cameras with the picture of their first evidence, and how long after its arrival they stood.
SELECT a.id, a.device, a.code, e.data->>'snapshot' AS snapshot,
       extract(epoch FROM l.at - e.received_at)::float AS delay_s
FROM alerts a JOIN devices d ON d.id = a.device AND d.profile = 'camera'
LEFT JOIN LATERAL (SELECT ev.data, ev.received_at FROM alert_evidence v
    JOIN events ev ON ev.device = v.device AND ev.id = v.event_id AND ev.at = v.at
    WHERE v.alert_id = a.id ORDER BY ev.data ? 'snapshot' DESC, v.at LIMIT 1) e ON true
LEFT JOIN LATERAL (SELECT min(at) AS at FROM alert_log WHERE alert_id = a.id) l ON true
WHERE a.code NOT LIKE 'DEV-%'

-- camera_looks --
SELECT id FROM picture_access WHERE what = 'picture' AND alert_id IS NOT NULL

-- bench_alerts --
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen, last_seen, raised_at)
SELECT 'bench-' || n, 'bench', 'SEC-005', 2 + n %% 3, d.estate, d.place, d.id, d.id, 'condition_met', now(), now(),
    now() - n * INTERVAL '1 second'
FROM generate_series(1, %(count)s) n
JOIN (SELECT row_number() OVER (ORDER BY id) AS k, count(*) OVER () AS all_of, * FROM devices) d ON d.k = 1 + n %% d.all_of

-- bench_hit --
UPDATE alerts SET hit_count = hit_count + 1, version = version + 1 WHERE id = %(id)s

-- bench_raise --
-- One in ten is severity 1; a turn's alerts lie all over the county.
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen, last_seen)
SELECT 'bench-' || %(turn)s || '-' || n, 'bench', 'SEC-005', CASE WHEN (%(turn)s + n) %% 10 = 0 THEN 1 ELSE 2 + n %% 3 END,
    d.estate, d.place, d.id, d.id, 'condition_met', now(), now()
FROM generate_series(1, %(count)s) n
JOIN (SELECT row_number() OVER (ORDER BY id) AS k, count(*) OVER () AS all_of, * FROM devices) d
    ON d.k = 1 + (%(turn)s * 31 + n) %% d.all_of
RETURNING id

-- bench_end --
UPDATE alerts SET state = 'closed', ended_at = now(), version = version + 1
WHERE id IN (SELECT id FROM alerts WHERE ended_at IS NULL ORDER BY id DESC OFFSET %(open)s)
RETURNING id

-- bench_number --
SELECT max(seq) AS seq FROM feed

-- channels --
SELECT e.code, e.channel, e.problem,
    (SELECT count(*) FROM outbox o WHERE o.state = 'queued' AND (o.to_whom = e.code OR o.endpoint = e.code)),
    (SELECT count(*) FROM outbox o WHERE o.state = 'failed' AND coalesce(o.endpoint, o.to_whom) = e.code)
FROM endpoints e WHERE e.enabled ORDER BY e.channel, e.code

-- camera_configured --
SELECT 1 AS known FROM device_config WHERE device = %(device)s

-- rival_table --
CREATE TABLE rival_events (
    device text NOT NULL,
    id text NOT NULL,
    at timestamptz NOT NULL,
    estate text NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    alerts text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
)

-- rival_hypertable --
SELECT create_hypertable('rival_events', 'at', chunk_time_interval => INTERVAL '1 day', create_default_indexes => false)

-- rival_once --
CREATE UNIQUE INDEX ON rival_events (device, id, at)

-- rival_device --
CREATE INDEX ON rival_events (device, at DESC)

-- rival_stored --
SELECT count(*) FROM rival_events WHERE id LIKE %(prefix)s

-- rival_span --
SELECT extract(epoch FROM max(received_at) - min(received_at))::float8 FROM rival_events WHERE id LIKE %(prefix)s
