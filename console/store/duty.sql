-- clock --
SELECT clock_timestamp() AS now

-- patience --
-- Whoever holds the case is about to take the timer away: give way at once and look again.
SELECT set_config('lock_timeout', '300ms', true)

-- claim --
SELECT kind, subject, due_at, set_at, step, version, CASE
    WHEN kind IN ('alert', 'ack', 'confirm') THEN (SELECT a.trace FROM alerts a WHERE a.id = timers.subject::bigint)
    WHEN kind IN ('sla', 'plan') THEN (SELECT a.trace FROM alerts a
        WHERE a.incident_id = split_part(timers.subject, '/', 1)::bigint ORDER BY a.id LIMIT 1) END AS trace
FROM timers
WHERE kind = ANY (%(kinds)s::text[]) AND kind <> 'rule' AND due_at <= %(now)s
  AND (retry_at IS NULL OR retry_at <= %(now)s) AND kind || ':' || subject <> ALL (%(skip)s::text[])
ORDER BY due_at, kind, subject
LIMIT 1 FOR UPDATE SKIP LOCKED

-- fired --
-- What was set anew while it fired is another wait.
DELETE FROM timers WHERE kind = %(kind)s AND subject = %(subject)s AND version = %(version)s

-- advance --
UPDATE timers SET due_at = %(due_at)s, step = step + 1, version = version + 1, retry_at = NULL, attempts = 0, last_error = NULL
WHERE kind = %(kind)s AND subject = %(subject)s

-- failed --
UPDATE timers SET attempts = attempts + 1, last_error = left(%(error)s, 500),
    retry_at = %(now)s::timestamptz + least(300, 0.5 * 2 ^ least(attempts, 10)) * INTERVAL '1 second'
WHERE kind = %(kind)s AND subject = %(subject)s

-- set_timer --
INSERT INTO timers (kind, subject, due_at) VALUES (%(kind)s, %(subject)s, %(due_at)s)
ON CONFLICT (kind, subject) DO NOTHING

-- drop_timer --
DELETE FROM timers WHERE kind = %(kind)s AND subject = %(subject)s

-- lock_alert --
SELECT id FROM alerts WHERE id = %(id)s FOR UPDATE

-- alert --
SELECT a.*, now() AS now, coalesce((SELECT d.profile FROM devices d WHERE d.id = a.device), '') AS profile, p.path,
    p.name_zh AS place_zh, e.name_zh AS estate_zh,
    i.id AS case_id, i.arrived_at AS case_arrived, i.signed_at AS case_signed
FROM alerts a JOIN places p ON p.code = a.place JOIN places e ON e.code = a.estate
LEFT JOIN incidents i ON i.id = a.incident_id AND i.closed_at IS NULL
WHERE a.id = %(id)s

-- await_confirmation --
UPDATE alerts SET confirm_until = %(until)s, version = version + 1 WHERE id = %(id)s AND confirm_until IS NULL

-- lapse --
UPDATE alerts SET state = 'open', acked_at = NULL, acked_by = NULL, ack_until = NULL, lapses = lapses + 1,
    version = version + 1
WHERE id = %(id)s

-- verdict --
UPDATE alerts SET verdict = %(verdict)s, verdict_at = now(), verdict_by = %(actor)s, version = version + 1
WHERE id = %(id)s

-- orders_of --
SELECT org FROM orders WHERE incident_id = %(id)s AND state NOT IN ('returned', 'recalled')

-- incident --
SELECT i.*, p.path, p.name_zh AS place_zh, e.name_zh AS estate_zh
FROM incidents i JOIN places p ON p.code = i.place JOIN places e ON e.code = i.estate
WHERE i.id = %(id)s

-- people_of --
-- Those of a role who answer for the place or something around it, the nearest first; a family contact of whoever it is about.
SELECT q.id FROM people q JOIN places p ON p.code = q.place LEFT JOIN personal.cared c ON c.person = q.cares_for
WHERE q.active AND q.roles @> ARRAY[%(role)s::text]
  AND (q.place = ANY (%(path)s::text[]) OR (%(role)s = 'FAM' AND c.person = %(subject)s::text))
  AND (%(role)s <> 'FAM' OR q.cares_for IS NULL OR c.person = %(subject)s::text OR c.place = ANY (%(path)s::text[]))
ORDER BY cardinality(p.path) DESC, q.id

-- leaders --
SELECT id FROM people WHERE active AND roles @> '{SL}' ORDER BY id

-- invariants --
SELECT 'alerts_without_timer' AS name, count(*) AS n FROM alerts a
WHERE a.ended_at IS NULL AND a.state = 'open'
  AND NOT EXISTS (SELECT FROM timers t WHERE t.kind = 'alert' AND t.subject = a.id::text)
UNION ALL
SELECT 'acks_without_timer', count(*) FROM alerts a
WHERE a.ended_at IS NULL AND a.state = 'acknowledged'
  AND NOT EXISTS (SELECT FROM incidents i WHERE i.id = a.incident_id AND i.closed_at IS NULL)
  AND NOT EXISTS (SELECT FROM timers t WHERE t.kind = 'ack' AND t.subject = a.id::text)
UNION ALL
SELECT 'dispatched_without_clock', count(*) FROM incidents i
WHERE i.closed_at IS NULL AND i.state = 'dispatched'
  AND NOT EXISTS (SELECT FROM incident_clocks c WHERE c.incident_id = i.id AND c.met_at IS NULL AND c.from_at IS NOT NULL)
UNION ALL
SELECT 'clocks_without_timer', count(*) FROM incident_clocks c
WHERE c.met_at IS NULL AND c.from_at IS NOT NULL AND c.level < 150
  AND NOT EXISTS (SELECT FROM timers t WHERE t.kind = 'sla'
                  AND t.subject LIKE c.incident_id || '/' || c.clock || '/' || c.seq || '/%%')
UNION ALL
SELECT 'timers_late', count(*) FROM timers t
WHERE t.kind <> 'rule' AND t.due_at < %(now)s::timestamptz - %(timer_late_s)s * INTERVAL '1 second'
UNION ALL
SELECT 'letters_late', count(*) FROM outbox o
WHERE o.state = 'queued' AND o.due_at < %(now)s::timestamptz - %(outbox_late_s)s * INTERVAL '1 second'

-- note_invariant --
INSERT INTO watchdog AS w (name, count, since, at)
VALUES (%(name)s, %(n)s, CASE WHEN %(n)s > 0 THEN %(now)s::timestamptz END, %(now)s)
ON CONFLICT (name) DO UPDATE SET count = excluded.count, at = excluded.at,
    since = CASE WHEN excluded.count > 0 THEN coalesce(w.since, excluded.at) END,
    alarmed_at = CASE WHEN excluded.count > 0 THEN w.alarmed_at END
RETURNING name, count, since, alarmed_at

-- alarmed --
UPDATE watchdog SET alarmed_at = %(now)s WHERE name = %(name)s

-- watchdog --
SELECT name, count, since, alarmed_at, at FROM watchdog ORDER BY name

-- duty --
SELECT jsonb_object_agg(name, count) AS counts, to_jsonb(max(at)) #>> '{}' AS at, extract(epoch FROM clock_timestamp() - max(at))::float8 AS lag_s
FROM watchdog

-- ingest --
-- The slowest worker counts, of those that live in our time; one that was renamed is forgotten after a day.
SELECT extract(epoch FROM clock_timestamp() - coalesce(
    min(heard_at) FILTER (WHERE heard_at > clock_timestamp() - INTERVAL '1 day'), max(heard_at)))::float8 AS lag_s,
    extract(epoch FROM clock_timestamp()
        - min(clock) FILTER (WHERE heard_at > clock_timestamp() - INTERVAL '1 day'))::float8 AS behind_s,
    coalesce(sum(waiting) FILTER (WHERE heard_at > clock_timestamp() - INTERVAL '1 day'), 0)::bigint AS waiting
FROM ingest_progress

-- watch --
SELECT extract(epoch FROM clock_timestamp() - at)::float8 AS lag_s FROM watch_looks

-- post_canary --
-- A canary's letter is one row per estate, queued anew for each call that comes so far; it goes to nobody.
WITH posted AS (
    UPDATE canaries SET posted_at = clock_timestamp()
    WHERE estate = %(estate)s AND judged_at IS NOT NULL AND posted_at IS NULL RETURNING estate
)
INSERT INTO outbox (key, channel, body, estate, severity) SELECT 'canary/' || estate, 'canary', '{}', estate, 4 FROM posted
ON CONFLICT (key) DO UPDATE SET state = 'queued', created_at = now(), due_at = now(), expires_at = now() + INTERVAL '1 day'

-- platform_news --
WITH told AS (
    INSERT INTO feed (kind, ref, estate, body) VALUES ('platform', %(ref)s, NULL, %(body)s) RETURNING seq
)
SELECT pg_notify('shequ_feed', seq::text) FROM told

-- raise_silence --
-- A part of the platform is silent: an alert of the place above all others, one at a time per part.
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, reason, explain, first_seen, last_seen)
SELECT 'platform/' || %(code)s, 'platform', %(code)s, %(severity)s, top.code, top.code, %(part)s, 'absent_for',
    jsonb_build_object('lag_s', %(lag_s)s::float8), now(), now()
FROM (SELECT code FROM places WHERE cardinality(path) = 1 ORDER BY neighbour, code LIMIT 1) top
ON CONFLICT (fingerprint) WHERE ended_at IS NULL DO NOTHING
RETURNING id, raised_at

-- end_silence --
-- It is back. An alert that somebody made a case of ends with the case.
WITH ended AS (
    UPDATE alerts a SET state = 'closed', cleared_at = now(), ended_at = now(), outcome = 'other', version = version + 1
    WHERE a.code = %(code)s AND a.ended_at IS NULL
      AND NOT EXISTS (SELECT FROM incidents i WHERE i.id = a.incident_id AND i.closed_at IS NULL)
    RETURNING id
), noted AS (
    INSERT INTO alert_log (alert_id, action, actor, from_state, to_state, reason)
    SELECT id, 'close', %(actor)s, 'open', 'closed', 'seen_again' FROM ended
)
SELECT id FROM ended
