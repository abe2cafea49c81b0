-- case_of --
SELECT i.id, i.case_code, i.estate, i.closed_at, i.drill, i.code FROM incidents i JOIN places p ON p.code = i.place
WHERE i.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- known_person --
-- A family contact of somebody under care, or anybody else on the lists, within the caller's places.
SELECT n.id FROM people n JOIN places p ON p.code = n.place
WHERE n.id = %(person)s AND n.active AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- contacts --
-- Family contacts of the people the case's alerts are about, or who live where it is.
SELECT DISTINCT n.id, n.name FROM people n JOIN personal.cared c ON c.person = n.cares_for
WHERE n.active AND (
    c.person IN (SELECT a.subject FROM alerts a WHERE a.incident_id = %(id)s)
    OR c.place = (SELECT i.place FROM incidents i WHERE i.id = %(id)s))
ORDER BY n.name

-- add_link --
INSERT INTO family_links (incident_id, token_hash, relation, created_by)
VALUES (%(id)s, %(token_hash)s, %(relation)s, %(by)s) RETURNING id, created_at

-- links --
SELECT l.id, l.relation, l.created_at, l.created_by, l.revoked_at, l.revoked_by, l.opened, l.opened_at,
    l.revoked_at IS NOT NULL OR coalesce(i.closed_at < now() - make_interval(hours => %(grace_h)s), false) AS over
FROM family_links l JOIN incidents i ON i.id = l.incident_id WHERE l.incident_id = %(id)s ORDER BY l.id

-- revoke_link --
UPDATE family_links l SET revoked_at = now(), revoked_by = %(by)s
FROM incidents i, places p
WHERE l.id = %(link)s AND l.incident_id = %(id)s AND l.revoked_at IS NULL AND i.id = l.incident_id AND p.code = i.place
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
RETURNING l.id

-- open_link --
-- Good while the case is open and a day longer, for the rating. The count is kept on record without touching the dossier.
UPDATE family_links l SET opened = opened + 1, opened_at = now()
FROM incidents i WHERE l.token_hash = %(token_hash)s AND i.id = l.incident_id AND l.revoked_at IS NULL
  AND (i.closed_at IS NULL OR i.closed_at > now() - make_interval(hours => %(grace_h)s))
RETURNING l.id, l.incident_id, l.relation, l.answer, l.answered_at, i.state, i.code, i.closed_at, i.opened_at, i.outcome, i.estate

-- steps --
-- The first time of each step that a family understands; nothing about who.
SELECT min(at) FILTER (WHERE action = 'report') AS received, min(at) FILTER (WHERE action = 'dispatch') AS called,
    max(at) FILTER (WHERE action = 'acknowledge') AS on_the_way, min(at) FILTER (WHERE action = 'arrive') AS arrived,
    max(at) FILTER (WHERE action = 'close') AS closed
FROM incident_log WHERE incident_id = %(id)s

-- asked --
-- The alarm of the case that waits for a word, and until when.
SELECT a.id, a.confirm_until AS until FROM alerts a
WHERE a.incident_id = %(id)s AND a.ended_at IS NULL AND a.verdict IS NULL AND a.confirm_until > clock_timestamp()
ORDER BY a.id LIMIT 1

-- answer_link --
UPDATE family_links SET answer = %(answer)s, answered_at = now() WHERE id = %(link)s AND answered_at IS NULL RETURNING id

-- rating --
SELECT score, words, given_by, actor, at FROM ratings WHERE incident_id = %(id)s

-- rate --
INSERT INTO ratings (incident_id, score, words, given_by, actor)
VALUES (%(id)s, %(score)s, %(words)s, %(given_by)s, %(actor)s) ON CONFLICT (incident_id) DO NOTHING RETURNING at

-- lock_case --
SELECT id, state FROM incidents WHERE id = %(id)s FOR UPDATE

-- ratings --
SELECT r.incident_id AS id, r.at, jsonb_build_object('incident_id', r.incident_id, 'case_code', i.case_code, 'code', i.code,
    'place', i.place, 'estate', i.estate, 'score', r.score, 'words', r.words, 'given_by', r.given_by, 'at', r.at) AS body
FROM ratings r JOIN incidents i ON i.id = r.incident_id JOIN places p ON p.code = i.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(most)s::int IS NULL OR r.score <= %(most)s)
  AND (%(after_id)s::bigint IS NULL OR (r.at, r.incident_id) < (%(after_at)s::timestamptz, %(after_id)s))
ORDER BY r.at DESC, r.incident_id DESC LIMIT %(limit)s
