-- may_name --
-- Who may be put on a list: people of one's own places, and who stands on it already.
SELECT e.id FROM people e JOIN places p ON p.code = e.place
WHERE e.id = ANY (%(people)s) AND e.active AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]
    OR EXISTS (SELECT FROM callees c WHERE c.person = e.id AND (c.device = %(device)s::text OR c.place = %(place)s::text)))

-- place --
SELECT p.path FROM places p
WHERE p.code = %(place)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- device --
SELECT p.path FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = %(device)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- clear --
DELETE FROM callees WHERE device = %(device)s::text OR place = %(place)s::text

-- add --
INSERT INTO callees (device, place, rank, person, note) VALUES (%(device)s, %(place)s, %(rank)s, %(person)s, %(note)s)

-- listed --
-- The device's own people first, then those of the places around it, the narrowest first; how to reach
-- somebody of other places is not shown.
SELECT jsonb_build_object('person', e.id, 'name', e.name, 'roles', e.roles, 'org', e.org, 'note', c.note,
    'place', c.place, 'place_zh', w.name_zh, 'place_en', w.name_en, 'own', home.own,
    'phone_masked', CASE WHEN home.own THEN f.shown END) AS body
FROM callees c JOIN people e ON e.id = c.person AND e.active
CROSS JOIN LATERAL (SELECT %(scope)s::text IS NULL OR h.path @> ARRAY[%(scope)s::text] AS own
    FROM places h WHERE h.code = e.place) home
LEFT JOIN places w ON w.code = c.place
LEFT JOIN personal.fields f ON f.subject = 'person:' || e.id AND f.field = 'phone'
WHERE c.device = %(device)s::text OR c.place = ANY (%(path)s::text[])
ORDER BY c.device IS NULL, cardinality(w.path) DESC, c.rank, e.id
