-- pictured_device --
-- A camera the caller may see, among the names a reference begins with.
SELECT d.id, d.estate FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = ANY(%(ids)s) AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- note_access --
-- The alert is the one the picture is looked at for, where the caller may see it.
INSERT INTO picture_access (who, unit, device, what, ref, reason, alert_id, source, grant_id)
SELECT %(who)s, coalesce((SELECT nullif(org, '') FROM people WHERE user_name = %(who)s), %(role)s), %(device)s,
       %(what)s, %(ref)s, %(reason)s,
       (SELECT a.id FROM alerts a JOIN places p ON p.code = a.place
        WHERE a.id = %(alert)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])), %(source)s, %(grant)s
RETURNING id

-- picture_access --
SELECT a.id, jsonb_build_object('id', a.id, 'at', a.at, 'who', a.who, 'unit', a.unit, 'device', a.device,
    'what', a.what, 'ref', a.ref, 'reason', a.reason, 'alert', a.alert_id, 'grant', a.grant_id) AS body
FROM picture_access a JOIN devices d ON d.id = a.device JOIN places p ON p.code = d.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(device)s::text IS NULL OR a.device = %(device)s) AND (%(after)s::bigint IS NULL OR a.id < %(after)s)
ORDER BY a.id DESC LIMIT %(limit)s

-- hold_of --
-- Somebody's own, else the case's that rests on it.
SELECT jsonb_build_object('by', by_whom, 'reason', reason, 'at', at) AS body FROM (
    SELECT 1 AS turn, by_whom, reason, at FROM picture_holds WHERE ref = %(ref)s
    UNION ALL
    SELECT 2, 'platform', i.case_code, t.at FROM picture_case_holds t JOIN incidents i ON i.id = t.incident_id
    WHERE t.ref = %(ref)s
) AS held ORDER BY turn, at LIMIT 1

-- lock_case_pictures --
-- One console at a time keeps marks and cases in step.
SELECT pg_advisory_xact_lock(hashtext('shequ_case_pictures'))

-- wanted_by_cases --
-- Pictures of the events that alerts of open and of held cases rest on, and that are not marked yet.
SELECT DISTINCT i.id AS incident, i.case_code, d.id AS device, e.data ->> 'snapshot' AS ref
FROM incidents i JOIN alerts a ON a.incident_id = i.id JOIN alert_evidence v ON v.alert_id = a.id
JOIN events e ON e.device = v.device AND e.id = v.event_id AND e.at = v.at JOIN devices d ON d.id = e.device
WHERE (i.closed_at IS NULL OR EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id))
  AND starts_with(e.data ->> 'snapshot', d.estate || '/' || d.id || '/') -- a node's name, in the camera's own folder
  AND e.data ->> 'snapshot' ~ '^[^/]+/[^/]+/[0-9]{8}/[0-9]{6}-[0-9]{3}-[^/[:cntrl:]]{1,80}\.jpg$'
  AND NOT EXISTS (SELECT FROM picture_case_holds t WHERE t.incident_id = i.id AND t.ref = e.data ->> 'snapshot')
ORDER BY i.id, ref LIMIT 500

-- tie_to_case --
INSERT INTO picture_case_holds (ref, incident_id, device) VALUES (%(ref)s, %(incident)s, %(device)s)

-- free_from_cases --
DELETE FROM picture_case_holds t USING incidents i
WHERE i.id = t.incident_id AND i.closed_at IS NOT NULL AND NOT EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id)
RETURNING t.ref

-- hold --
INSERT INTO picture_holds (ref, device, reason, by_whom) VALUES (%(ref)s, %(device)s, %(reason)s, %(who)s)
ON CONFLICT (ref) DO NOTHING RETURNING ref

-- release --
DELETE FROM picture_holds WHERE ref = %(ref)s RETURNING ref

-- granted --
-- The grant in force that opens this piece to the caller's unit; a grant for one picture opens its clip too, where it says so.
SELECT g.id, d.id AS device, d.estate FROM picture_grants g JOIN devices d ON d.id = g.device
WHERE d.id = ANY(%(ids)s) AND g.withdrawn_at IS NULL AND g.expires_at > now() AND %(what)s = ANY(g.what)
  AND CASE WHEN g.ref IS NULL THEN %(at)s::timestamptz >= g.recorded_from AND %(at)s::timestamptz < g.recorded_until
      ELSE g.ref = ANY(%(refs)s) END
  AND EXISTS (SELECT FROM people e JOIN places p ON p.code = e.place
              WHERE e.user_name = %(who)s AND e.active AND e.org = g.unit AND p.path @> ARRAY[g.place])
ORDER BY g.id DESC

-- grants --
SELECT g.id, jsonb_build_object('id', g.id, 'device', g.device, 'device_zh', d.name_zh, 'device_en', d.name_en, 'estate', d.estate,
    'ref', g.ref, 'what', g.what, 'recorded_from', g.recorded_from, 'recorded_until', g.recorded_until,
    'unit', g.unit, 'place', g.place, 'reason', g.reason, 'by', g.by_whom, 'at', g.at, 'expires_at', g.expires_at,
    'withdrawn_at', g.withdrawn_at, 'withdrawn_by', g.withdrawn_by, 'withdrawn_why', g.withdrawn_why,
    'state', CASE WHEN g.withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN g.expires_at <= now() THEN 'over' ELSE 'open' END,
    'looks', (SELECT count(*) FROM picture_access a WHERE a.grant_id = g.id)) AS body
FROM picture_grants g JOIN devices d ON d.id = g.device JOIN places p ON p.code = d.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(id)s::bigint IS NULL OR g.id = %(id)s) AND (%(device)s::text IS NULL OR g.device = %(device)s)
  AND (%(after)s::bigint IS NULL OR g.id < %(after)s)
ORDER BY g.id DESC LIMIT %(limit)s

-- grants_to --
-- What is open to the caller's unit now.
SELECT g.id, g.device, d.estate, g.ref, g.what, g.recorded_from, g.recorded_until,
    jsonb_build_object('id', g.id, 'device', g.device, 'device_zh', d.name_zh, 'device_en', d.name_en, 'what', g.what,
        'recorded_from', g.recorded_from, 'recorded_until', g.recorded_until, 'reason', g.reason, 'expires_at', g.expires_at) AS body
FROM picture_grants g JOIN devices d ON d.id = g.device
WHERE g.withdrawn_at IS NULL AND g.expires_at > now() AND (%(id)s::bigint IS NULL OR g.id = %(id)s)
  AND EXISTS (SELECT FROM people e JOIN places p ON p.code = e.place
              WHERE e.user_name = %(who)s AND e.active AND e.org = g.unit AND p.path @> ARRAY[g.place])
ORDER BY g.id DESC LIMIT 200

-- granted_camera --
SELECT d.id, d.estate FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = %(device)s AND d.profile = 'camera' AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- known_place --
SELECT code FROM places WHERE code = %(place)s

-- add_grant --
INSERT INTO picture_grants (device, ref, what, recorded_from, recorded_until, unit, place, reason, by_whom, expires_at)
VALUES (%(device)s, %(ref)s, %(what)s, %(recorded_from)s, %(recorded_until)s, %(unit)s, %(place)s, %(reason)s, %(by)s, %(expires_at)s)
RETURNING id

-- withdraw_grant --
UPDATE picture_grants SET withdrawn_at = now(), withdrawn_by = %(by)s, withdrawn_why = %(why)s
WHERE id = %(id)s AND withdrawn_at IS NULL AND expires_at > now() RETURNING id

-- masks_of --
SELECT coalesce(data -> 'masks', '[]') AS masks FROM device_config WHERE device = %(device)s

-- add_export --
INSERT INTO picture_exports (who, unit, device, what, ref, reason, recipient, request, hidden, original, sha256, size, source)
SELECT %(who)s, coalesce((SELECT nullif(org, '') FROM people WHERE user_name = %(who)s), %(role)s), %(device)s, %(what)s, %(ref)s,
    %(reason)s, %(recipient)s, %(request)s, %(hidden)s, %(original)s, %(sha256)s, %(size)s, %(source)s
RETURNING id

-- exports --
SELECT x.id, jsonb_build_object('id', x.id, 'at', x.at, 'who', x.who, 'unit', x.unit, 'device', x.device, 'what', x.what, 'ref', x.ref,
    'reason', x.reason, 'recipient', x.recipient, 'request', x.request, 'document', r.document, 'hidden', x.hidden,
    'original', x.original, 'sha256', x.sha256, 'size', x.size) AS body
FROM picture_exports x JOIN devices d ON d.id = x.device JOIN places p ON p.code = d.place
LEFT JOIN personal.organ_requests r ON r.id = x.request
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(sha256)s::text IS NULL OR x.sha256 = %(sha256)s) AND (%(request)s::bigint IS NULL OR x.request = %(request)s)
  AND (%(after)s::bigint IS NULL OR x.id < %(after)s)
ORDER BY x.id DESC LIMIT %(limit)s

-- organ_requests --
SELECT r.id, r.state, r.organ, r.device, r.taken_by, r.recorded_from, r.recorded_until,
    jsonb_build_object('id', r.id, 'organ', r.organ, 'document', r.document, 'basis', r.basis, 'device', r.device,
        'device_zh', d.name_zh, 'device_en', d.name_en, 'recorded_from', r.recorded_from, 'recorded_until', r.recorded_until,
        'note', r.note, 'state', r.state, 'taken_at', r.taken_at, 'taken_by', r.taken_by,
        'decided_at', r.decided_at, 'decided_by', r.decided_by, 'answer', r.answer,
        'officers', (SELECT coalesce(jsonb_agg(f.shown ORDER BY f.field), '[]') FROM personal.fields f
                     WHERE f.subject = 'organ:' || r.id AND f.field LIKE 'officer.%%'),
        'handed', (SELECT count(*) FROM picture_exports x WHERE x.request = r.id)) AS body
FROM personal.organ_requests r JOIN devices d ON d.id = r.device JOIN places p ON p.code = d.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(id)s::bigint IS NULL OR r.id = %(id)s) AND (%(after)s::bigint IS NULL OR r.id < %(after)s)
ORDER BY r.id DESC LIMIT %(limit)s

-- add_organ_request --
INSERT INTO personal.organ_requests (organ, document, basis, device, recorded_from, recorded_until, note, taken_by)
VALUES (%(organ)s, %(document)s, %(basis)s, %(device)s, %(recorded_from)s, %(recorded_until)s, %(note)s, %(by)s)
ON CONFLICT (organ, document, device) DO NOTHING RETURNING id

-- decide_organ_request --
UPDATE personal.organ_requests SET state = %(state)s, answer = %(answer)s, decided_at = now(), decided_by = %(by)s
WHERE id = %(id)s AND state = 'open' RETURNING id
