-- plan_place --
SELECT kind FROM places p
WHERE p.code = %(place)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- device_place --
SELECT d.place FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = %(device)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- plans --
-- Around a place, the narrowest first, then those within it; a device that has moved away is on the plan no more.
SELECT jsonb_build_object(
    'place', f.place, 'kind', p.kind, 'name_zh', p.name_zh, 'name_en', p.name_en, 'sha256', f.sha256,
    'width', f.width, 'height', f.height, 'by_whom', f.by_whom, 'at', f.at,
    'pins', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('device', d.id, 'name_zh', d.name_zh, 'name_en', d.name_en,
            'profile', d.profile, 'online', d.online, 'x', n.x, 'y', n.y) ORDER BY d.id), '[]')
        FROM floor_pins n JOIN devices d ON d.id = n.device JOIN places s ON s.code = d.place
        WHERE n.place = f.place AND s.path @> ARRAY[f.place] AND d.lifecycle <> 'retired'
    )) AS body
FROM floor_plans f JOIN places p ON p.code = f.place JOIN places w ON w.code = %(place)s
WHERE (w.path @> ARRAY[f.place] OR p.path @> ARRAY[w.code])
    AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY w.path @> ARRAY[f.place] DESC,
    CASE WHEN w.path @> ARRAY[f.place] THEN -cardinality(p.path) ELSE cardinality(p.path) END, p.level, p.code
LIMIT 200

-- picture --
SELECT f.content FROM floor_plans f JOIN places p ON p.code = f.place
WHERE f.place = %(place)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- put_plan --
INSERT INTO floor_plans (place, content, sha256, media_type, width, height, by_whom)
VALUES (%(place)s, %(content)s, %(sha256)s, %(media_type)s, %(width)s, %(height)s, %(by_whom)s)
ON CONFLICT (place) DO UPDATE SET content = excluded.content, sha256 = excluded.sha256, media_type = excluded.media_type,
    width = excluded.width, height = excluded.height, by_whom = excluded.by_whom, at = now()

-- drop_plan --
DELETE FROM floor_plans f USING places p
WHERE f.place = %(place)s AND p.code = f.place AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
RETURNING f.sha256

-- may_pin --
SELECT d.id FROM floor_plans f JOIN places p ON p.code = f.place, devices d JOIN places s ON s.code = d.place
WHERE f.place = %(place)s AND d.id = %(device)s AND s.path @> ARRAY[f.place]
    AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- put_pin --
INSERT INTO floor_pins (place, device, x, y, by_whom) VALUES (%(place)s, %(device)s, %(x)s, %(y)s, %(by_whom)s)
ON CONFLICT (place, device) DO UPDATE SET x = excluded.x, y = excluded.y, by_whom = excluded.by_whom, at = now()

-- drop_pin --
DELETE FROM floor_pins n USING places p
WHERE n.place = %(place)s AND n.device = %(device)s AND p.code = n.place
    AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
RETURNING n.device
