-- Things as the HTTP contract shows them, shared by the lists, the live feed and the ingest
-- process, so that there is one wording of each. Run after every migration; safe to repeat.

-- What a gate read of a car is personal: lists show its beginning and end.
CREATE OR REPLACE FUNCTION without_plate(data jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(data -> 'plate') = 'string'
        THEN jsonb_set(data, '{plate}', to_jsonb(left(data ->> 'plate', 2) || '****' || right(data ->> 'plate', 1))) ELSE data END
$$;

-- The estate that a topic names: ours at its third level, a foreign dialect's behind `via` at its second.
CREATE OR REPLACE FUNCTION topic_estate(topic text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT split_part(topic, '/', CASE WHEN topic LIKE 'via/%' THEN 2 ELSE 3 END)
$$;

-- What may be done with an alert now; console/alert_moves.py is the table, a test compares the two.
CREATE OR REPLACE FUNCTION alert_legal(state text, ended boolean, tied boolean) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN ended THEN '{}'
        WHEN tied AND state = 'open' THEN '{acknowledge}'
        WHEN tied THEN '{}'
        WHEN state = 'open' THEN '{acknowledge,dispatch,close}'
        WHEN state = 'acknowledged' THEN '{dispatch,close}'
        WHEN state IN ('escalated_to_incident', 'suppressed') THEN '{close}'
        ELSE '{}'
    END::text[]
$$;

CREATE OR REPLACE VIEW alert_wire AS
SELECT a.id, a.estate, a.place, a.code, a.severity, a.device, a.raised_at, a.ended_at, a.incident_id,
    jsonb_build_object(
        'id', a.id, 'fingerprint', a.fingerprint, 'rule', a.rule, 'rule_version', a.rule_version, 'code', a.code, 'severity', a.severity,
        'state', a.state, 'estate', a.estate, 'place', a.place, 'subject', a.subject, 'device', a.device,
        'reason', a.reason, 'explain', a.explain, 'first_seen', a.first_seen, 'last_seen', a.last_seen,
        'hit_count', a.hit_count, 'raised_at', a.raised_at, 'late_by_s', a.late_by_s,
        'cleared_at', a.cleared_at, 'acked_at', a.acked_at, 'acked_by', a.acked_by, 'ended_at', a.ended_at,
        'outcome', a.outcome, 'incident_id', a.incident_id, 'version', a.version,
        'group_key', a.group_key, 'confidence', a.confidence, 'drill', a.drill, 'muted_until', a.muted_until,
        'hush_reason', a.hush_reason, 'held_by', CASE
            WHEN a.hushed_by LIKE 'hush:%' THEN jsonb_build_object('kind', 'hush', 'ref', substr(a.hushed_by, 6))
            WHEN a.hushed_by IS NOT NULL THEN jsonb_build_object('kind', 'alert', 'ref', a.hushed_by, 'code', split_part(a.hushed_by, '/', 2)) END,
        'ack_until', a.ack_until, 'lapses', a.lapses,
        'confirm_until', a.confirm_until, 'verdict', a.verdict, 'verdict_at', a.verdict_at, 'verdict_by', a.verdict_by,
        'legal', alert_legal(a.state, a.ended_at IS NOT NULL, i.id IS NOT NULL)
    ) AS body, a.state
FROM alerts a
LEFT JOIN incidents i ON i.id = a.incident_id AND i.closed_at IS NULL;

-- The newest promise of each kind, with the moments the page counts towards.
CREATE OR REPLACE VIEW incident_clock_wire AS
SELECT incident_id, jsonb_agg(jsonb_build_object(
        'clock', clock, 'seq', seq, 'limit_s', limit_s, 'working', working, 'began_at', began_at, 'running', from_at IS NOT NULL,
        'spent_s', spent_s, 'amber_at', amber_at, 'due_at', due_at, 'supervise_at', supervise_at, 'met_at', met_at,
        'breached_at', breached_at, 'level', level) ORDER BY array_position('{accept,sign,arrive,close}', clock)) AS clocks
FROM (SELECT DISTINCT ON (incident_id, clock) * FROM incident_clocks ORDER BY incident_id, clock, seq DESC) newest
GROUP BY incident_id;

CREATE OR REPLACE VIEW incident_wire AS
SELECT i.id, i.estate, i.place, i.opened_at, i.closed_at,
    jsonb_build_object(
        'id', i.id, 'case_code', i.case_code, 'state', i.state, 'severity', i.severity, 'code', i.code,
        'estate', i.estate, 'place', i.place, 'lead_org', i.lead_org, 'assignee', i.assignee, 'outcome', i.outcome,
        'opened_at', i.opened_at, 'opened_by', i.opened_by, 'closed_at', i.closed_at, 'version', i.version,
        'kind', i.kind, 'source', i.source, 'title', i.title, 'summary', i.summary, 'cause', i.cause, 'merged_into', i.merged_into,
        'drill', i.drill, 'legal_grade', i.legal_grade, 'accepted_at', i.accepted_at, 'signed_at', i.signed_at,
        'arrived_at', i.arrived_at, 'paused_at', i.paused_at, 'ladder', i.ladder, 'supervised_at', i.supervised_at,
        'returns', i.returns, 'wish', i.wish,
        'mirrored', EXISTS (SELECT FROM cascade_cases m WHERE m.incident_id = i.id AND m.mirrored),
        'clocks', coalesce((SELECT c.clocks FROM incident_clock_wire c WHERE c.incident_id = i.id), '[]')
    ) AS body
FROM incidents i;

CREATE OR REPLACE VIEW device_wire AS
SELECT d.id, d.estate, d.place, d.profile, d.name_zh, d.name_en, d.online, d.retired_at,
    jsonb_build_object(
        'id', d.id, 'estate', d.estate, 'place', d.place, 'profile', d.profile,
        'name_zh', d.name_zh, 'name_en', d.name_en, 'x', d.x, 'y', d.y, 'online', d.online,
        'last_seen', seen.at, 'registered_at', d.registered_at, 'offline_after_s', d.offline_after_s,
        'lifecycle', d.lifecycle, 'make', d.make, 'model', d.model, 'serial', d.serial,
        'owner_unit', d.owner_unit, 'network', d.network, 'gb28181_id', d.gb28181_id, 'gateway', d.gateway, 'dialect', d.dialect, 'foreign_name', d.foreign_name,
        'legal_basis', d.legal_basis, 'retention_days', d.retention_days, 'purpose', d.purpose,
        'installed_at', d.installed_at, 'installed_by', d.installed_by, 'maintenance_due', d.maintenance_due, 'version', d.version,
        'config_status', CASE
            WHEN c.device IS NULL THEN 'none'
            WHEN c.reported = c.version THEN c.reported_status
            ELSE 'pending' END,
        'last_command', CASE WHEN k.id IS NOT NULL
            THEN jsonb_build_object('id', k.id, 'name', k.name, 'state', k.state) END
    ) AS body,
    d.lifecycle, d.network, d.gateway
FROM devices d
LEFT JOIN device_config c ON c.device = d.id
LEFT JOIN LATERAL (SELECT e.at FROM events e WHERE e.device = d.id ORDER BY e.at DESC LIMIT 1) seen ON true
LEFT JOIN LATERAL (
    SELECT m.id, m.name, m.state FROM device_commands m WHERE m.device = d.id ORDER BY m.id DESC LIMIT 1
) k ON true;

-- What stands on the operator's list: one thing per building and hazard, led by its gravest and newest alert.
CREATE OR REPLACE VIEW alert_group_wire AS
SELECT a.group_key, a.estate, min(a.severity) AS severity, count(*) AS alerts, min(a.first_seen) AS first_seen,
    max(a.last_seen) AS last_seen, max(a.confidence) AS confidence, array_agg(DISTINCT a.code) AS codes,
    (array_agg(a.id ORDER BY a.severity, a.raised_at DESC, a.id DESC))[1] AS lead,
    array_agg(a.id ORDER BY a.severity, a.raised_at DESC, a.id DESC) AS ids, max(a.raised_at) AS raised_at
FROM alerts a
WHERE a.ended_at IS NULL AND a.state <> 'suppressed'
GROUP BY a.group_key, a.estate, CASE WHEN a.group_key = '' THEN a.id END;

-- People as the list shows them: the phone is masked here, so that no reader can forget to.
CREATE OR REPLACE VIEW person_wire AS
SELECT pe.id, pe.name, pe.roles, pe.grid, pe.active, pe.place, p.path, p.neighbour,
    jsonb_build_object(
        'id', pe.id, 'name', pe.name, 'roles', pe.roles, 'skills', pe.skills, 'org', pe.org,
        'place', pe.place, 'place_zh', p.name_zh, 'place_en', p.name_en, 'neighbour', p.neighbour,
        'grid', pe.grid, 'cares_for', pe.cares_for, 'user_name', pe.user_name, 'active', pe.active,
        'phone_masked', f.shown,
        'state', coalesce(r.state, 'available'), 'state_since', r.since, 'incident_id', r.incident_id,
        'check_in_at', r.check_in_at, 'overdue_at', r.overdue_at, 'version', pe.version
    ) AS body
FROM people pe JOIN places p ON p.code = pe.place LEFT JOIN responders r ON r.person = pe.id
    LEFT JOIN personal.fields f ON f.subject = 'person:' || pe.id AND f.field = 'phone';
-- Whose order it is: the person it names; else everybody of that organisation whose place it lies in,
-- until one of them has signed for it.
CREATE OR REPLACE VIEW order_people AS
SELECT o.id AS order_id, o.incident_id, w.user_name, w.id AS person
FROM orders o JOIN incidents i ON i.id = o.incident_id JOIN places p ON p.code = i.place
JOIN people w ON w.active AND w.user_name IS NOT NULL AND (
    o.person = w.id
    OR (o.person IS NULL AND (o.org = w.org OR o.org = ANY (w.roles)) AND p.path @> ARRAY[w.place]
        AND coalesce(o.accepted_by, w.user_name) = w.user_name));

-- A place on the globe (WGS 84): the middle of its outline, from its estate's anchor; one degree of latitude is 111 320 m.
CREATE OR REPLACE VIEW place_globe AS
SELECT p.code, a.lat + spot.y / 111320 AS lat, a.lon + spot.x / (111320 * cos(radians(a.lat))) AS lon
FROM places p JOIN place_anchors a ON a.place = ANY (p.path)
CROSS JOIN LATERAL (
    SELECT coalesce(avg((corner->>0)::double precision), 0) AS x, coalesce(avg((corner->>1)::double precision), 0) AS y
    FROM jsonb_array_elements(coalesce(
        (SELECT s.outline FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
         WHERE jsonb_array_length(s.outline) > 0 ORDER BY step.n DESC LIMIT 1), '[]')) AS corner
) spot;

-- The engine's memory as the last committed batch left it: what is folded, under what is not yet.
CREATE OR REPLACE VIEW engine_memory AS
SELECT estate, rule, subject, memory FROM (
    SELECT DISTINCT ON (estate, rule, subject) estate, rule, subject, memory FROM (
        SELECT 0 AS number, estate, rule, subject, memory FROM engine_state
        UNION ALL
        SELECT j.number, r.* FROM engine_journal j,
            jsonb_to_recordset(j.changes::jsonb) AS r (estate text, rule text, subject text, memory jsonb)
    ) AS said ORDER BY estate, rule, subject, number DESC
) AS newest WHERE memory IS NOT NULL;
