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
    (SELECT f.shown FROM personal.fields f WHERE f.subject = 'incident:' || w.id AND f.field = 'reporter') AS reporter,
    (SELECT f.shown FROM personal.fields f WHERE f.subject = 'incident:' || w.id AND f.field = 'reporter_phone') AS reporter_phone,
    (SELECT l.actor FROM incident_log l WHERE l.incident_id = w.id AND l.action = 'report_back'
     ORDER BY l.seq DESC LIMIT 1) AS worker
FROM incident_wire w JOIN incidents i ON i.id = w.id JOIN places p ON p.code = w.place
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
INSERT INTO incidents (case_code, state, severity, code, estate, place, lead_org, opened_by, kind, source, title, summary,
                       drill, accepted_at)
VALUES (%(case_code)s, %(state)s, %(severity)s, %(code)s, %(estate)s, %(place)s, %(lead_org)s, %(opened_by)s, %(kind)s,
        %(source)s, %(title)s, %(summary)s, %(drill)s, CASE WHEN %(accepted)s THEN now() END)
RETURNING *

-- incident_body --
SELECT body FROM incident_wire WHERE id = %(id)s

-- place_of_report --
-- A place inside an estate, or the estate itself, that the caller sees.
SELECT p.code, e.code AS estate FROM places p JOIN places e ON e.kind = 'estate' AND e.code = ANY (p.path)
WHERE p.code = %(place)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

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
UPDATE orders SET state = %(order_state)s,
    accepted_at = CASE WHEN %(order_state)s = 'acknowledged' THEN coalesce(accepted_at, %(at)s) ELSE accepted_at END,
    accepted_by = CASE WHEN %(order_state)s = 'acknowledged' THEN coalesce(accepted_by, %(actor)s) ELSE accepted_by END,
    arrived_at = CASE WHEN %(order_state)s = 'on_scene' THEN coalesce(arrived_at, %(at)s) ELSE arrived_at END,
    done_at = CASE WHEN %(order_state)s = 'done' THEN coalesce(done_at, %(at)s) ELSE done_at END,
    returned_at = CASE WHEN %(order_state)s IN ('returned', 'recalled') THEN coalesce(returned_at, %(at)s) ELSE returned_at END
WHERE id = coalesce(%(order)s::bigint, (SELECT max(id) FROM orders WHERE incident_id = %(id)s AND role = 'lead'))
  AND incident_id = %(id)s

-- order_of --
SELECT * FROM orders WHERE id = %(order)s AND incident_id = %(id)s

-- recall_orders --
UPDATE orders SET state = 'recalled', returned_at = coalesce(returned_at, now())
WHERE incident_id = %(id)s AND role = 'lead' AND state IN ('sent', 'acknowledged', 'on_scene')

-- lock_pair --
SELECT id FROM incidents WHERE id = ANY (%(ids)s) ORDER BY id FOR UPDATE

-- lock_incident --
SELECT i.id FROM incidents i JOIN places p ON p.code = i.place
WHERE i.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
FOR UPDATE OF i

-- locked_incident --
-- A statement of its own: only after the lock does the snapshot show what the winner did.
SELECT i.*, clock_timestamp() AS now,
    (SELECT a.trace FROM alerts a WHERE a.incident_id = i.id AND a.trace IS NOT NULL ORDER BY a.id LIMIT 1) AS trace,
    EXISTS (SELECT FROM cascade_cases m WHERE m.incident_id = i.id AND m.mirrored) AS mirrored,
    (SELECT l.actor FROM incident_log l WHERE l.incident_id = i.id AND l.action = 'report_back'
     ORDER BY l.seq DESC LIMIT 1) AS worker,
    (SELECT jsonb_build_object('actor', l.actor, 'action', l.action, 'at', l.at)
     FROM incident_log l WHERE l.incident_id = i.id ORDER BY l.seq DESC LIMIT 1) AS last
FROM incidents i WHERE i.id = %(id)s

-- move_incident --
UPDATE incidents SET state = %(state)s, version = version + 1, assignee = %(assignee)s,
    outcome = coalesce(%(outcome)s, outcome), cause = coalesce(%(cause)s, cause), lead_org = coalesce(%(lead_org)s, lead_org),
    severity = coalesce(%(severity)s, severity), code = coalesce(%(code)s, code),
    legal_grade = coalesce(%(grade)s, legal_grade), merged_into = coalesce(%(merged_into)s, merged_into),
    accepted_at = coalesce(accepted_at, %(accepted_at)s), signed_at = coalesce(%(signed_at)s, signed_at),
    arrived_at = coalesce(arrived_at, %(arrived_at)s),
    paused_at = CASE WHEN %(state)s = 'suspended' THEN coalesce(paused_at, now()) END,
    ladder = %(ladder)s, supervised_at = coalesce(supervised_at, %(supervised_at)s),
    returns = returns + %(returns)s, wish = %(wish)s,
    closed_at = CASE WHEN %(over)s THEN coalesce(closed_at, now()) END
WHERE id = %(id)s

-- move_alerts --
UPDATE alerts SET incident_id = %(other)s, version = version + 1 WHERE incident_id = %(id)s
RETURNING id, state

-- end_alerts --
WITH mine AS (
    SELECT id FROM alerts WHERE incident_id = %(id)s AND ended_at IS NULL ORDER BY id FOR UPDATE
)
UPDATE alerts a SET ended_at = now(), outcome = %(outcome)s, version = a.version + 1
FROM mine WHERE a.id = mine.id
RETURNING a.id, a.state
