-- incidents --
SELECT w.body, w.opened_at, w.id
FROM incident_wire w JOIN places p ON p.code = w.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(state)s = 'all' OR (w.closed_at IS NULL) = (%(state)s = 'open'))
  AND (%(after_id)s::bigint IS NULL OR (w.opened_at, w.id) < (%(after_opened)s::timestamptz, %(after_id)s))
ORDER BY w.opened_at DESC, w.id DESC
LIMIT %(limit)s

-- incident --
SELECT w.body,
    (SELECT l.actor FROM incident_log l WHERE l.incident_id = w.id AND l.action = 'report_back'
     ORDER BY l.seq DESC LIMIT 1) AS reporter
FROM incident_wire w JOIN places p ON p.code = w.place
WHERE w.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- incident_log --
SELECT jsonb_build_object('at', at, 'seq', seq, 'action', action, 'actor', actor, 'from_state', from_state,
    'to_state', to_state, 'reason', reason, 'detail', detail) AS body
FROM incident_log WHERE incident_id = %(id)s ORDER BY seq

-- incident_orders --
SELECT jsonb_build_object('id', id, 'org', org, 'role', role, 'state', state, 'sent_at', sent_at,
    'sent_by', sent_by, 'person', person, 'note', note, 'due_at', due_at, 'accepted_at', accepted_at,
    'accepted_by', accepted_by, 'arrived_at', arrived_at, 'done_at', done_at, 'returned_at', returned_at) AS body
FROM orders WHERE incident_id = %(id)s ORDER BY id

-- incident_alerts --
SELECT body FROM alert_wire WHERE incident_id = %(id)s ORDER BY id

-- case_numbers --
-- County and day of the next case code, in the county's own time.
SELECT coalesce((SELECT left(code, 6) FROM unnest(p.path) WITH ORDINALITY AS step (code, n)
                 WHERE code ~ '^[0-9]{6}' ORDER BY n LIMIT 1), '000000') AS county,
    (now() AT TIME ZONE 'Asia/Shanghai')::date AS day
FROM places p WHERE p.code = %(place)s

-- lock_case_numbers --
-- Held until the commit: the next number is known only when this one is certain.
SELECT pg_advisory_xact_lock(hashtext('shequ_case'), hashtext(%(county)s))

-- last_case_number --
SELECT coalesce(max(right(case_code, 6)::int), 0) AS seq FROM incidents
WHERE case_code BETWEEN %(county)s || to_char(%(day)s::date, 'YYYYMMDD') || '00000000'
                    AND %(county)s || to_char(%(day)s::date, 'YYYYMMDD') || '99999999'

-- open_incident --
INSERT INTO incidents (case_code, state, severity, code, estate, place, lead_org, opened_by)
VALUES (%(case_code)s, %(state)s, %(severity)s, %(code)s, %(estate)s, %(place)s, %(lead_org)s, %(opened_by)s)
RETURNING id

-- log_incident --
INSERT INTO incident_log (at, incident_id, seq, action, actor, from_state, to_state, reason, detail, source)
SELECT clock_timestamp(), %(id)s, coalesce(max(seq), 0) + 1, %(action)s, %(actor)s, %(from_state)s, %(to_state)s,
    %(reason)s, %(detail)s, %(source)s
FROM incident_log WHERE incident_id = %(id)s

-- send_order --
INSERT INTO orders (incident_id, org, role, person, note, due_at, sent_by)
VALUES (%(id)s, %(org)s, %(role)s, %(person)s, %(note)s, %(due_at)s, %(actor)s)
RETURNING id

-- touch_incident --
-- Locks it: the record is numbered without gaps, and lists and feed see that something changed.
UPDATE incidents SET version = version + 1 WHERE id = %(id)s RETURNING state

-- mark_order --
UPDATE orders SET state = %(order_state)s
WHERE id = (SELECT max(id) FROM orders WHERE incident_id = %(id)s AND role = 'lead')

-- lock_incident --
SELECT i.id FROM incidents i JOIN places p ON p.code = i.place
WHERE i.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
FOR UPDATE OF i

-- locked_incident --
-- A statement of its own: only after the lock does the snapshot show what the winner did.
SELECT i.*,
    (SELECT l.actor FROM incident_log l WHERE l.incident_id = i.id AND l.action = 'report_back'
     ORDER BY l.seq DESC LIMIT 1) AS reporter,
    (SELECT jsonb_build_object('actor', l.actor, 'action', l.action, 'at', l.at)
     FROM incident_log l WHERE l.incident_id = i.id ORDER BY l.seq DESC LIMIT 1) AS last
FROM incidents i WHERE i.id = %(id)s

-- move_incident --
UPDATE incidents SET state = %(state)s, version = version + 1, assignee = %(assignee)s,
    outcome = coalesce(%(outcome)s, outcome), lead_org = coalesce(%(lead_org)s, lead_org),
    closed_at = CASE WHEN %(over)s THEN coalesce(closed_at, now()) END
WHERE id = %(id)s

-- end_alerts --
WITH mine AS (
    SELECT id FROM alerts WHERE incident_id = %(id)s AND ended_at IS NULL ORDER BY id FOR UPDATE
)
UPDATE alerts a SET ended_at = now(), outcome = %(outcome)s, version = a.version + 1
FROM mine WHERE a.id = mine.id
RETURNING a.id, a.state
