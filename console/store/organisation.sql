-- grids --
SELECT jsonb_build_object('code', g.code, 'kind', g.kind, 'community', g.community, 'community_zh', p.name_zh,
    'community_en', p.name_en, 'name_zh', g.name_zh, 'name_en', g.name_en, 'households', g.households,
    'alt_codes', g.alt_codes, 'version', g.version,
    'places', (SELECT coalesce(jsonb_agg(jsonb_build_object('place', m.place, 'name_zh', q.name_zh, 'name_en', q.name_en,
                   'kind', q.kind, 'since', m.since, 'until', m.until) ORDER BY m.since, m.place), '[]')
               FROM grid_places m JOIN places q ON q.code = m.place WHERE m.grid = g.code),
    'people', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'name', e.name, 'roles', e.roles) ORDER BY e.id), '[]')
               FROM people e WHERE e.grid = g.code AND e.active)) AS body
FROM grids g JOIN places p ON p.code = g.community
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(code)s::text IS NULL OR g.code = %(code)s) AND g.ended_at IS NULL
ORDER BY g.code

-- add_grid --
INSERT INTO grids (code, kind, community, name_zh, name_en, households, alt_codes)
VALUES (%(code)s, %(kind)s, %(community)s, %(name_zh)s, %(name_en)s, %(households)s, %(alt_codes)s)
ON CONFLICT (code) DO NOTHING RETURNING code

-- change_grid --
UPDATE grids SET kind = %(kind)s, name_zh = %(name_zh)s, name_en = %(name_en)s, households = %(households)s, version = version + 1
WHERE code = %(code)s AND version = %(version)s AND ended_at IS NULL RETURNING code

-- end_grid_places --
-- What was only planned never was.
WITH planned AS (DELETE FROM grid_places WHERE grid = %(code)s AND since >= now())
UPDATE grid_places SET until = now() WHERE grid = %(code)s AND until IS NULL AND since < now()

-- end_grid --
UPDATE grids SET ended_at = now(), version = version + 1 WHERE code = %(code)s

-- end_membership --
UPDATE grid_places SET until = %(since)s WHERE place = %(place)s AND until IS NULL AND since < %(since)s

-- begin_membership --
INSERT INTO grid_places (place, grid, since) VALUES (%(place)s, %(grid)s, %(since)s)

-- membership --
SELECT grid, since FROM grid_places WHERE place = %(place)s AND until IS NULL FOR UPDATE

-- place --
SELECT p.code, p.kind, p.path, p.neighbour, p.lat, p.lon, p.outline FROM places p
WHERE p.code = %(code)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- neighbours --
SELECT jsonb_build_object('code', p.code, 'name_zh', p.name_zh, 'name_en', p.name_en,
    'people', (SELECT count(*) FROM people e WHERE e.place = p.code AND e.active)) AS body
FROM places p WHERE p.neighbour ORDER BY p.code

-- counts --
SELECT step.code AS place, count(*) FILTER (WHERE what = 'person') AS people,
    count(*) FILTER (WHERE what = 'resource') AS resources, count(*) FILTER (WHERE what = 'device') AS devices
FROM (
    SELECT 'person' AS what, place FROM people WHERE active
    UNION ALL SELECT 'resource', place FROM resources WHERE retired_at IS NULL
    UNION ALL SELECT 'device', place FROM devices WHERE retired_at IS NULL
) thing JOIN places p ON p.code = thing.place CROSS JOIN unnest(p.path) AS step (code)
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
GROUP BY step.code

-- divisions --
SELECT code, division, alt_codes FROM places
WHERE division IS NOT NULL AND (%(scope)s::text IS NULL OR path @> ARRAY[%(scope)s::text])

-- people --
SELECT w.body, w.id FROM person_wire w
WHERE (%(scope)s::text IS NULL OR w.path @> ARRAY[%(scope)s::text])
  AND (%(role)s::text IS NULL OR w.roles @> ARRAY[%(role)s::text])
  AND (%(place)s::text IS NULL OR w.path @> ARRAY[%(place)s::text])
  AND (%(grid)s::text IS NULL OR w.grid = %(grid)s)
  AND (%(active)s::boolean IS NULL OR w.active = %(active)s)
  AND (%(q)s::text IS NULL OR position(lower(%(q)s) IN lower(w.id || ' ' || w.name)) > 0)
  AND (%(after_id)s::text IS NULL OR w.id > %(after_id)s)
ORDER BY w.id LIMIT %(limit)s

-- person --
SELECT w.body, w.id, w.path FROM person_wire w
WHERE w.id = %(id)s AND (%(scope)s::text IS NULL OR w.path @> ARRAY[%(scope)s::text])

-- lock_person --
SELECT e.* FROM people e JOIN places p ON p.code = e.place
WHERE e.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) FOR UPDATE OF e

-- person_of --
SELECT id FROM people WHERE user_name = %(name)s

-- add_person --
INSERT INTO people (id, name, roles, skills, org, place, grid, cares_for, user_name)
VALUES (%(id)s, %(name)s, %(roles)s, %(skills)s, %(org)s, %(place)s, %(grid)s, %(cares_for)s, %(user_name)s)
ON CONFLICT (id) DO NOTHING RETURNING id

-- change_person --
UPDATE people SET name = %(name)s, roles = %(roles)s, skills = %(skills)s, org = %(org)s,
    place = %(place)s, grid = %(grid)s, cares_for = %(cares_for)s, user_name = %(user_name)s, active = %(active)s,
    version = version + 1, updated_at = now()
WHERE id = %(id)s

-- known_words --
SELECT (SELECT coalesce(array_agg(p.code), '{}') FROM places p WHERE p.code = ANY (%(places)s)
            AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])) AS places,
    (SELECT coalesce(array_agg(code), '{}') FROM grids WHERE code = ANY (%(grids)s)) AS grids,
    (SELECT coalesce(array_agg(name), '{}') FROM users WHERE name = ANY (%(users)s)) AS users,
    (SELECT coalesce(array_agg(user_name), '{}') FROM people
     WHERE user_name = ANY (%(users)s) AND NOT id = ANY (%(ids)s)) AS taken,
    (SELECT coalesce(array_agg(person), '{}') FROM personal.cared WHERE person = ANY (%(cared)s)) AS cared,
    (SELECT coalesce(array_agg(id), '{}') FROM people WHERE id = ANY (%(ids)s)) AS ids

-- export_people --
SELECT e.id, e.name, array_to_string(e.roles, ';') AS roles, array_to_string(e.skills, ';') AS skills,
    f.shown AS phone,
    e.org, e.place, e.grid, e.user_name
FROM people e JOIN places p ON p.code = e.place LEFT JOIN personal.fields f ON f.subject = 'person:' || e.id AND f.field = 'phone'
WHERE e.active AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) ORDER BY e.id

-- put_position --
INSERT INTO personal.positions AS known (subject, source, place, x, y, lat, lon, accuracy_m, at, by_whom)
VALUES (%(subject)s, %(source)s, %(place)s, %(x)s, %(y)s, %(lat)s, %(lon)s, %(accuracy_m)s, %(at)s, %(by)s)
ON CONFLICT (subject, source) DO UPDATE SET place = excluded.place, x = excluded.x, y = excluded.y, lat = excluded.lat,
    lon = excluded.lon, accuracy_m = excluded.accuracy_m, at = excluded.at, by_whom = excluded.by_whom
WHERE known.at <= excluded.at

-- positions --
SELECT o.subject, o.source, o.x, o.y, o.lat, o.lon, o.at, o.place, p.path, e.lat AS origin_lat, e.lon AS origin_lon
FROM personal.positions o JOIN places p ON p.code = o.place
LEFT JOIN LATERAL anchor_of(p.path) e ON true
WHERE o.subject = ANY (%(subjects)s)

-- move_responder --
SELECT responder_moves(%(person)s, %(state)s, %(incident)s, %(actor)s)

-- responder --
SELECT state, since, incident_id, check_in_at, overdue_at FROM responders WHERE person = %(person)s FOR UPDATE

-- answer_check_in --
UPDATE responders SET check_in_at = now() + make_interval(secs => %(seconds)s), overdue_at = NULL
WHERE person = %(person)s AND state = 'on_scene' RETURNING check_in_at

-- renew_check_in --
INSERT INTO timers (kind, subject, due_at) VALUES ('check_in', %(person)s, %(due_at)s)
ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at, version = timers.version + 1

-- miss_check_in --
UPDATE responders SET overdue_at = now() WHERE person = %(person)s AND state = 'on_scene' AND overdue_at IS NULL
RETURNING incident_id

-- responder_log --
SELECT jsonb_build_object('at', at, 'from_state', from_state, 'to_state', to_state, 'incident_id', incident_id,
    'actor', actor, 'reason', reason) AS body
FROM responder_log WHERE person = %(person)s ORDER BY id DESC LIMIT 20

-- state_of --
SELECT state FROM incidents WHERE id = %(incident)s FOR UPDATE

-- home_of --
SELECT CASE WHEN %(place)s::text IS NULL THEN e.place ELSE (SELECT code FROM places WHERE code = %(place)s) END AS place
FROM people e WHERE e.id = %(person)s
