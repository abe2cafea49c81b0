-- requests --
SELECT r.id, jsonb_build_object('id', r.id, 'kind', r.kind, 'person', r.person, 'person_name', e.name, 'note', r.note, 'state', r.state,
    'asked_at', r.asked_at, 'asked_by', r.asked_by, 'due_at', r.due_at, 'overdue', r.state = 'open' AND r.due_at < now(),
    'done_at', r.done_at, 'done_by', r.done_by, 'answer', r.answer) AS body
FROM personal.requests r JOIN people e ON e.id = r.person JOIN places p ON p.code = e.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(id)s::bigint IS NULL OR r.id = %(id)s) AND (%(state)s::text IS NULL OR r.state = %(state)s)
  AND (%(before)s::bigint IS NULL OR r.id < %(before)s)
ORDER BY r.id DESC LIMIT %(limit)s

-- add_request --
INSERT INTO personal.requests (kind, person, note, asked_by, due_at)
VALUES (%(kind)s, %(person)s, %(note)s, %(by)s, now() + %(within)s::interval) RETURNING id

-- lock_request --
SELECT r.id, r.kind, r.person, r.state FROM personal.requests r JOIN people e ON e.id = r.person JOIN places p ON p.code = e.place
WHERE r.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) FOR UPDATE OF r

-- answer_request --
UPDATE personal.requests SET state = %(state)s, answer = %(answer)s, done_at = now(), done_by = %(by)s WHERE id = %(id)s

-- copy --
-- Everything that is stored about a person, but the sealed fields.
SELECT jsonb_build_object(
    'person', jsonb_build_object('id', e.id, 'name', e.name, 'roles', e.roles, 'skills', e.skills, 'org', e.org, 'place', e.place,
        'grid', e.grid, 'cares_for', e.cares_for, 'user_name', e.user_name, 'active', e.active, 'created_at', e.created_at),
    'contacts', (SELECT coalesce(jsonb_agg(jsonb_build_object('channel', c.channel, 'enabled', c.enabled)), '[]') FROM contacts c WHERE c.person = e.id),
    'callees', (SELECT coalesce(jsonb_agg(jsonb_build_object('device', l.device, 'place', l.place, 'note', l.note)), '[]') FROM callees l WHERE l.person = e.id),
    'positions', (SELECT coalesce(jsonb_agg(to_jsonb(o)), '[]') FROM personal.positions o WHERE o.subject = 'person:' || e.id),
    'shifts', (SELECT coalesce(jsonb_agg(jsonb_build_object('post', s.post, 'starts', s.starts, 'ends', s.ends)), '[]') FROM rosters s WHERE s.person = e.id),
    'moves', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', l.at, 'to', l.to_state, 'by', l.actor)), '[]') FROM responder_log l WHERE l.person = e.id),
    'consents', (SELECT coalesce(jsonb_agg(to_jsonb(n)), '[]') FROM personal.consents n WHERE n.person = e.id)
) AS body FROM people e WHERE e.id = %(person)s

-- at_work --
SELECT i.case_code FROM responders r JOIN incidents i ON i.id = r.incident_id WHERE r.person = %(person)s AND i.closed_at IS NULL
UNION SELECT i.case_code FROM orders o JOIN incidents i ON i.id = o.incident_id WHERE o.person = %(person)s AND i.closed_at IS NULL LIMIT 1

-- erase_contact --
WITH gone AS (DELETE FROM personal.fields WHERE subject = 'person:' || %(person)s::text RETURNING *),
    ways AS (DELETE FROM contacts WHERE person = %(person)s),
    calls AS (DELETE FROM callees WHERE person = %(person)s),
    plain AS (UPDATE people SET version = version + 1, updated_at = now() WHERE id = %(person)s)
SELECT count(*) AS rows, coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text AS digest FROM gone g

-- erase_position --
WITH gone AS (DELETE FROM personal.positions WHERE subject = 'person:' || %(person)s::text RETURNING *)
SELECT count(*) AS rows, coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text AS digest FROM gone g

-- erase_person --
-- The row stays for the record of cases; it names nobody any more.
WITH gone AS (
    UPDATE people e SET name = '—', skills = '{}', cares_for = NULL, user_name = NULL, active = false,
        version = e.version + 1, updated_at = now()
    FROM people old WHERE e.id = %(person)s AND old.id = e.id RETURNING old.*
)
SELECT count(*) AS rows, coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text AS digest FROM gone g

-- consents --
SELECT jsonb_build_object('id', c.id, 'person', c.person, 'purpose', c.purpose, 'version', c.version, 'given_by', c.given_by,
    'given_at', c.given_at, 'recorded_by', c.recorded_by, 'withdrawn_at', c.withdrawn_at, 'erased_at', c.erased_at) AS body
FROM personal.consents c JOIN people e ON e.id = c.person JOIN places p ON p.code = e.place
WHERE c.person = %(person)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) ORDER BY c.id DESC

-- seen_person --
SELECT e.id FROM people e JOIN places p ON p.code = e.place
WHERE e.id = %(person)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- add_consent --
INSERT INTO personal.consents (person, purpose, version, words, given_by, recorded_by)
SELECT %(person)s, %(purpose)s, coalesce(max(version), 0) + 1, %(words)s, %(given_by)s, %(by)s
FROM personal.consents WHERE person = %(person)s AND purpose = %(purpose)s RETURNING id

-- withdraw --
UPDATE personal.consents SET withdrawn_at = now(), withdrawn_by = %(by)s
WHERE person = %(person)s AND purpose = %(purpose)s AND withdrawn_at IS NULL RETURNING id

-- to_erase --
-- Withdrawn and not given anew.
SELECT c.id, c.person, c.purpose FROM personal.consents c
WHERE c.withdrawn_at IS NOT NULL AND c.erased_at IS NULL ORDER BY c.id LIMIT 100 FOR UPDATE SKIP LOCKED

-- given_anew --
SELECT EXISTS (SELECT FROM personal.consents WHERE person = %(person)s AND purpose = %(purpose)s AND withdrawn_at IS NULL) AS anew

-- erased --
UPDATE personal.consents SET erased_at = now() WHERE id = %(id)s

-- overdue --
SELECT count(*) AS requests FROM personal.requests WHERE state = 'open' AND due_at < now()
