-- posts --
SELECT s.code, s.name_zh, s.name_en, s.role, s.place, s.minimum, s.opens, s.closes, s.version, p.path
FROM posts s JOIN places p ON p.code = s.place
WHERE s.ended_at IS NULL AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(code)s::text IS NULL OR s.code = %(code)s)
ORDER BY cardinality(p.path), s.role, s.code

-- all_posts --
-- Every post, whoever asks: who is on duty next door may be sent as well.
SELECT code, name_zh, name_en, role, place, minimum, opens, closes FROM posts WHERE ended_at IS NULL

-- add_post --
INSERT INTO posts (code, name_zh, name_en, role, place, minimum, opens, closes)
VALUES (%(code)s, %(name_zh)s, %(name_en)s, %(role)s, %(place)s, %(minimum)s, %(opens)s, %(closes)s)
ON CONFLICT (code) DO NOTHING RETURNING code

-- change_post --
UPDATE posts SET name_zh = %(name_zh)s, name_en = %(name_en)s, minimum = %(minimum)s, opens = %(opens)s, closes = %(closes)s,
    version = version + 1
WHERE code = %(code)s AND version = %(version)s AND ended_at IS NULL RETURNING code

-- cancel_ahead --
UPDATE rosters SET cancelled_at = now() WHERE post = %(code)s AND cancelled_at IS NULL AND starts > now() RETURNING id

-- end_post --
UPDATE posts SET ended_at = now(), version = version + 1 WHERE code = %(code)s AND ended_at IS NULL

-- shifts --
SELECT r.id, r.post, r.person, e.name, r.starts, r.ends, r.kind, r.note, r.handed_at, r.handed_by, r.taken_at, r.taken_by
FROM rosters r JOIN people e ON e.id = r.person
WHERE r.cancelled_at IS NULL AND r.post = ANY (%(posts)s) AND r.starts < %(until)s AND r.ends > %(from)s
ORDER BY r.starts, r.post, r.person

-- shifts_around --
SELECT post, person, starts, ends, kind FROM rosters
WHERE cancelled_at IS NULL AND starts <= %(at)s AND ends > %(at)s

-- shifts_of --
SELECT post, person, starts, ends, kind FROM rosters
WHERE cancelled_at IS NULL AND person = %(person)s AND starts < %(until)s AND ends > %(from)s

-- rostered --
-- Whose hours somebody plans: a shift within a month of now.
SELECT DISTINCT person FROM rosters
WHERE cancelled_at IS NULL AND ends > %(at)s::timestamptz - INTERVAL '30 days' AND starts < %(at)s::timestamptz + INTERVAL '30 days'

-- leaves --
SELECT l.id, l.person, e.name, l.starts, l.ends, l.kind, l.stand_in FROM leaves l JOIN people e ON e.id = l.person
JOIN places p ON p.code = e.place
WHERE l.cancelled_at IS NULL AND l.starts < %(until)s AND l.ends > %(from)s
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY l.starts, l.person

-- add_shift --
INSERT INTO rosters (post, person, starts, ends, kind, created_by)
VALUES (%(post)s, %(person)s, %(starts)s, %(ends)s, %(kind)s, %(by)s) RETURNING id

-- lock_shift --
SELECT r.*, e.user_name AS holder FROM rosters r JOIN posts s ON s.code = r.post JOIN places p ON p.code = s.place
JOIN people e ON e.id = r.person
WHERE r.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) FOR UPDATE OF r

-- cancel_shift --
UPDATE rosters SET cancelled_at = now() WHERE id = %(id)s

-- hand_over --
UPDATE rosters SET note = %(note)s, handed_at = now(), handed_by = %(by)s WHERE id = %(id)s

-- take_over --
UPDATE rosters SET taken_at = now(), taken_by = %(by)s WHERE id = %(id)s

-- add_leave --
INSERT INTO leaves (person, starts, ends, kind, stand_in, created_by)
VALUES (%(person)s, %(starts)s, %(ends)s, %(kind)s, %(stand_in)s, %(by)s) RETURNING id

-- cancel_leave --
UPDATE leaves l SET cancelled_at = now() FROM people e JOIN places p ON p.code = e.place
WHERE l.id = %(id)s AND l.cancelled_at IS NULL AND e.id = l.person
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) RETURNING l.id

-- lock_person_hours --
SELECT pg_advisory_xact_lock(hashtext('shequ_roster'), hashtext(%(person)s))

-- leaves_now --
SELECT person, starts, ends, stand_in FROM leaves WHERE cancelled_at IS NULL AND starts <= %(at)s AND ends > %(at)s
