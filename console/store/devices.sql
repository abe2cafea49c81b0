-- devices --
-- Choose first, then look up when each was last heard: once per row shown.
WITH shown AS MATERIALIZED (
    SELECT d.id
    FROM devices d JOIN places p ON p.code = d.place
    WHERE d.retired_at IS NULL
      AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
      AND (%(estate)s::text IS NULL OR d.estate = %(estate)s)
      AND (%(profile)s::text IS NULL OR d.profile = %(profile)s)
      AND (%(online)s::boolean IS NULL OR coalesce(d.online, false) = %(online)s)
      AND (%(q)s::text IS NULL OR position(lower(%(q)s) IN lower(concat_ws(' ', d.id, d.name_zh, d.name_en))) > 0)
      AND (%(after_id)s::text IS NULL OR d.id > %(after_id)s)
    ORDER BY d.id
    LIMIT %(limit)s
)
SELECT w.body, w.id FROM shown JOIN device_wire w ON w.id = shown.id ORDER BY w.id

-- device --
SELECT w.body, w.place
FROM device_wire w JOIN places p ON p.code = w.place
WHERE w.id = %(id)s AND w.retired_at IS NULL AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- device_events --
SELECT jsonb_build_object('device', device, 'id', id, 'at', at, 'type', type, 'data', data,
    'flags', flags, 'received_at', received_at, 'committed_at', committed_at) AS body
FROM events WHERE device = %(id)s ORDER BY at DESC LIMIT 50

-- place_of_new_device --
-- How the wanted place lies to the wanted estate and to the caller's part of the tree.
SELECT p.code, e.kind = 'estate' AS estate_is_one, p.path @> ARRAY[%(estate)s::text] AS inside
FROM places p LEFT JOIN places e ON e.code = %(estate)s
WHERE p.code = %(place)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- add_device --
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, x, y, offline_after_s)
VALUES (%(id)s, %(estate)s, %(place)s, %(profile)s, %(name_zh)s, %(name_en)s, %(x)s, %(y)s, %(offline_after_s)s)
ON CONFLICT (id) DO NOTHING
RETURNING id

-- notify_registry --
SELECT pg_notify('shequ_registry', '')

-- places --
SELECT jsonb_build_object('code', p.code, 'kind', p.kind, 'name_zh', p.name_zh, 'name_en', p.name_en,
    'parent', p.path[cardinality(p.path) - 1], 'path', p.path, 'outline', p.outline, 'level', p.level) AS body
FROM places p
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR p.path @> ARRAY[%(estate)s::text])
ORDER BY cardinality(p.path), p.code

-- visible_place --
SELECT 1 AS yes FROM places WHERE code = %(code)s AND (%(scope)s::text IS NULL OR path @> ARRAY[%(scope)s::text])
