-- put_place_facts --
UPDATE places SET division = coalesce(%(division)s, division), lat = coalesce(%(lat)s, lat), lon = coalesce(%(lon)s, lon),
    neighbour = %(neighbour)s
WHERE code = %(code)s

-- put_anchor --
INSERT INTO place_anchors (place, lat, lon) SELECT %(code)s, %(lat)s, %(lon)s WHERE %(lat)s::float8 IS NOT NULL
ON CONFLICT DO NOTHING

-- put_grid --
INSERT INTO grids (code, kind, community, name_zh, name_en, households, alt_codes)
VALUES (%(code)s, %(kind)s, %(community)s, %(name_zh)s, %(name_en)s, %(households)s, %(alt_codes)s)
ON CONFLICT (code) DO NOTHING

-- put_grid_place --
INSERT INTO grid_places (place, grid, since)
SELECT %(place)s, %(grid)s, %(since)s
WHERE NOT EXISTS (SELECT FROM grid_places WHERE place = %(place)s AND until IS NULL)

-- put_person --
INSERT INTO people (id, name, roles, skills, org, place, grid, cares_for)
VALUES (%(id)s, %(name)s, %(roles)s, %(skills)s, %(org)s, %(place)s, %(grid)s, %(cares_for)s)
ON CONFLICT (id) DO NOTHING RETURNING id

-- put_post --
INSERT INTO posts (code, name_zh, name_en, role, place, minimum, opens, closes)
VALUES (%(code)s, %(name_zh)s, %(name_en)s, %(role)s, %(place)s, %(minimum)s, %(opens)s, %(closes)s)
ON CONFLICT (code) DO NOTHING

-- put_shift --
-- A simulated week is written once; what people changed since stays.
INSERT INTO rosters (post, person, starts, ends, kind, created_by)
SELECT %(post)s, %(person)s, %(starts)s, %(ends)s, %(kind)s, %(by)s
WHERE NOT EXISTS (
    SELECT FROM rosters WHERE post = %(post)s AND starts < %(ends)s AND ends > %(starts)s AND kind = %(kind)s
      AND person = %(person)s
)

-- put_resource --
INSERT INTO resources (id, kind, name_zh, name_en, place, quantity, checked_at)
VALUES (%(id)s, %(kind)s, %(name_zh)s, %(name_en)s, %(place)s, %(quantity)s, %(now)s)
ON CONFLICT (id) DO NOTHING

-- put_installed --
INSERT INTO personal.positions (subject, source, place, x, y, at, by_whom)
VALUES (%(subject)s, 'installed', %(place)s, %(x)s, %(y)s, %(now)s, %(by)s)
ON CONFLICT (subject, source) DO NOTHING

-- link_login --
UPDATE people SET user_name = %(user_name)s
WHERE id = %(person)s AND user_name IS NULL
  AND EXISTS (SELECT FROM users WHERE name = %(user_name)s)
  AND NOT EXISTS (SELECT FROM people WHERE user_name = %(user_name)s)
