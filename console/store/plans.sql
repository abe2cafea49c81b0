-- live_plans --
SELECT id, version, source FROM plans WHERE state = 'live'

-- plan_versions --
SELECT id, version, source, place, origin, state, author, reason, created_at FROM plans WHERE id = %(id)s ORDER BY version DESC

-- lock_plan --
SELECT pg_advisory_xact_lock(hashtext('shequ_plan'), hashtext(%(id)s))

-- retire_plan --
UPDATE plans SET state = 'retired' WHERE id = %(id)s AND state = 'live' RETURNING version

-- add_plan --
INSERT INTO plans (id, version, source, place, origin, author, reason)
SELECT %(id)s, coalesce(max(version), 0) + 1, %(source)s, %(place)s, 'local', %(author)s, %(reason)s
FROM plans WHERE id = %(id)s
RETURNING version

-- revive_plan --
UPDATE plans SET state = 'live' WHERE id = %(id)s AND version = (
    SELECT max(version) FROM plans WHERE id = %(id)s AND version < %(version)s)
RETURNING version

-- start_run --
INSERT INTO plan_runs (incident_id, plan, version, choice, source, drill, started_by)
VALUES (%(incident)s, %(plan)s, %(version)s, %(choice)s, %(source)s, %(drill)s, %(by)s) RETURNING id

-- add_step --
INSERT INTO plan_steps (run, n) VALUES (%(run)s, %(n)s)

-- runs_of --
SELECT id, plan, version, choice, source, drill, state, started_at, started_by, confirmed_at, finished_at FROM plan_runs
WHERE incident_id = %(incident)s ORDER BY id DESC

-- lock_run --
SELECT r.*, extract(epoch FROM now() - r.started_at)::float8 AS elapsed_s,
    extract(epoch FROM now() - c.at)::float8 AS since_confirmed_s, c.at AS verdict_at, i.closed_at IS NOT NULL AS over,
    i.case_code,
    i.arrived_at IS NOT NULL OR EXISTS (
        SELECT FROM orders o WHERE o.incident_id = i.id AND (o.state = 'on_scene' OR o.arrived_at IS NOT NULL)) AS arrived,
    i.signed_at IS NOT NULL OR EXISTS (
        SELECT FROM orders o WHERE o.incident_id = i.id AND o.state IN ('acknowledged', 'on_scene', 'done')) AS acknowledged
FROM plan_runs r JOIN incidents i ON i.id = r.incident_id
LEFT JOIN LATERAL (SELECT min(a.verdict_at) AS at FROM alerts a
                   WHERE a.incident_id = i.id AND a.verdict IN ('confirmed', 'assumed', 'bypassed')) c ON true
WHERE r.id = %(run)s FOR UPDATE OF r

-- running_of --
SELECT id FROM plan_runs WHERE incident_id = %(incident)s AND state = 'running'

-- steps_of --
SELECT run, n, state, at, outcome FROM plan_steps WHERE run = ANY (%(runs)s) ORDER BY run, n

-- settle_step --
UPDATE plan_steps SET state = %(state)s, at = now(), outcome = %(outcome)s WHERE run = %(run)s AND n = %(n)s

-- note_confirmed --
UPDATE plan_runs SET confirmed_at = %(at)s WHERE id = %(run)s AND confirmed_at IS NULL

-- finish_run --
UPDATE plan_runs SET state = 'done', finished_at = now() WHERE id = %(run)s

-- set_timer --
INSERT INTO timers (kind, subject, due_at) VALUES ('plan', %(subject)s, now() + make_interval(secs => %(seconds)s))
ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at, version = timers.version + 1

-- drop_timer --
DELETE FROM timers WHERE kind = 'plan' AND subject = %(subject)s

-- name_person --
-- Whoever leads was sent as an organisation: now it is somebody of it.
UPDATE orders SET person = %(person)s
WHERE id = (SELECT min(id) FROM orders WHERE incident_id = %(incident)s AND role = 'lead' AND org = %(org)s
              AND person IS NULL AND state = 'sent')
RETURNING id

-- lead_order --
-- The organisation leads already and has not answered: no second order to it.
SELECT id FROM orders WHERE incident_id = %(incident)s AND role = 'lead' AND org = %(org)s AND state = 'sent'
ORDER BY id LIMIT 1

-- busy_with --
SELECT person FROM orders WHERE incident_id = %(incident)s AND person IS NOT NULL AND state IN ('sent', 'acknowledged', 'on_scene')

-- near_devices --
SELECT d.id, d.name_zh, d.name_en, d.place, d.x, d.y, d.online, d.profile, d.make, d.model FROM devices d JOIN places p ON p.code = d.place
WHERE d.profile = %(profile)s AND d.retired_at IS NULL AND d.lifecycle = 'active' AND p.path @> ARRAY[%(around)s::text]
ORDER BY d.online DESC NULLS LAST, (d.x - %(x)s) ^ 2 + (d.y - %(y)s) ^ 2 NULLS LAST, d.id
LIMIT %(most)s

-- kinds_of --
SELECT code, kind FROM places WHERE code = ANY (%(path)s)
