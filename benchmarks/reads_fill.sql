-- events --
INSERT INTO events (device, id, at, estate, type, data, flags, received_at, committed_at)
SELECT d.id, 'b' || n, at, d.estate, 'state', jsonb_build_object('battery', 50 + n %% 50, 'rssi', -60 - n %% 30),
    '{}', at + INTERVAL '80 ms', at + INTERVAL '120 ms'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
CROSS JOIN LATERAL (SELECT %(start)s::timestamptz + INTERVAL '30 days' * (n::float8 / %(events)s) AS at) moment
JOIN devices d ON d.id = 'd' || (n * 7919 %% %(devices)s)
ORDER BY n

-- alerts --
INSERT INTO alerts (id, fingerprint, rule, code, severity, state, estate, place, subject, device, reason,
    first_seen, last_seen, raised_at, acked_at, ended_at, outcome, group_key) OVERRIDING SYSTEM VALUE
SELECT k, 'bench/' || k, 'bench', code, 1 + k %% 4, CASE WHEN open THEN 'open' ELSE 'closed' END,
    d.estate, d.place, d.id, d.id, 'bench', at, at, at, CASE WHEN NOT open THEN at + INTERVAL '20 s' END,
    CASE WHEN NOT open THEN at + INTERVAL '1 hour' END,
    CASE WHEN open THEN NULL WHEN k %% 5 = 0 THEN 'false_alarm' ELSE 'true_alarm' END, ''
FROM generate_series(1, %(alerts)s::bigint) k
CROSS JOIN LATERAL (SELECT k > %(alerts)s - %(open)s AS open, (ARRAY['FIRE-001', 'SEC-010', 'DEV-001', 'ENV-001'])[1 + k %% 4] AS code,
    %(start)s::timestamptz + INTERVAL '30 days' * ((k * %(per_alert)s)::float8 / %(events)s) AS at) said
JOIN devices d ON d.id = 'd' || (k * %(per_alert)s * 7919 %% %(devices)s)

-- alert_evidence --
INSERT INTO alert_evidence (alert_id, device, event_id, at)
SELECT id, device, 'b' || id * %(per_alert)s, first_seen FROM alerts

-- alert_log --
INSERT INTO alert_log (at, alert_id, action, actor, to_state, reason)
SELECT at, a.id, action, 'bench', a.state, 'bench'
FROM alerts a, LATERAL (VALUES ('raise', a.raised_at), ('close', a.ended_at)) said (action, at) WHERE at IS NOT NULL

-- incidents --
INSERT INTO incidents (id, case_code, state, severity, code, estate, place, outcome, opened_at, opened_by, closed_at,
    accepted_at, arrived_at) OVERRIDING SYSTEM VALUE
SELECT id, 'B' || id, 'closed', severity, code, estate, place, 'resolved', raised_at, 'bench', ended_at,
    raised_at + INTERVAL '1 minute', raised_at + INTERVAL '10 minutes'
FROM alerts WHERE ended_at IS NOT NULL AND id %% 2 = 0

-- tie --
UPDATE alerts a SET incident_id = i.id FROM incidents i WHERE i.id = a.id

-- incident_log --
INSERT INTO incident_log (at, incident_id, seq, action, actor, to_state)
SELECT at, i.id, seq, action, 'bench', 'closed' FROM incidents i, LATERAL (VALUES (1, 'open', i.opened_at),
    (2, 'accept', i.accepted_at), (3, 'arrive', i.arrived_at), (4, 'close', i.closed_at)) said (seq, action, at)

-- incident_clocks --
INSERT INTO incident_clocks (incident_id, clock, limit_s, working, began_at, spent_s, met_at)
SELECT i.id, clock, limit_s, false, i.opened_at, 60, at FROM incidents i, LATERAL (VALUES ('accept', 120, i.accepted_at),
    ('arrive', 900, i.arrived_at), ('close', 86400, i.closed_at)) said (clock, limit_s, at)
