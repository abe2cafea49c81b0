-- devices --
-- Choose first, then look up when each was last heard: once per row shown.
WITH shown AS MATERIALIZED (
    SELECT d.id
    FROM devices d JOIN places p ON p.code = d.place
    WHERE (d.lifecycle = coalesce(%(lifecycle)s::text, d.lifecycle))
      AND (d.retired_at IS NULL OR %(lifecycle)s::text = 'retired')
      AND (%(network)s::text IS NULL OR d.network = %(network)s)
      AND (%(gateway)s::text IS NULL OR d.gateway = %(gateway)s)
      AND (%(model)s::text IS NULL OR d.model = %(model)s)
      AND (%(group)s::text IS NULL OR EXISTS (
          SELECT FROM device_group_members m WHERE m.code = %(group)s AND m.device = d.id))
      AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
      AND (%(estate)s::text IS NULL OR d.estate = %(estate)s)
      AND (%(profile)s::text IS NULL OR d.profile = %(profile)s)
      AND (%(online)s::boolean IS NULL OR coalesce(d.online, false) = %(online)s)
      AND (%(q)s::text IS NULL OR position(lower(%(q)s) IN lower(concat_ws(' ', d.id, d.name_zh, d.name_en, d.serial))) > 0)
      AND (%(after_id)s::text IS NULL OR d.id > %(after_id)s)
    ORDER BY d.id
    LIMIT %(limit)s
)
SELECT w.body, w.id FROM shown JOIN device_wire w ON w.id = shown.id ORDER BY w.id

-- device --
SELECT w.body, w.place, w.lifecycle,
    (SELECT e.use FROM places e WHERE e.code = ANY (p.path) AND e.use IS NOT NULL
     ORDER BY cardinality(e.path) DESC LIMIT 1) AS path_use
FROM device_wire w JOIN places p ON p.code = w.place
WHERE w.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- device_events --
SELECT jsonb_build_object('device', device, 'id', id, 'at', at, 'type', type, 'data', without_plate(data),
    'flags', flags, 'received_at', received_at, 'committed_at', committed_at) AS body
FROM events WHERE device = %(id)s ORDER BY at DESC LIMIT 50

-- notify_registry --
SELECT pg_notify('shequ_registry', '')

-- places --
SELECT jsonb_build_object('code', p.code, 'kind', p.kind, 'name_zh', p.name_zh, 'name_en', p.name_en,
    'parent', p.path[cardinality(p.path) - 1], 'path', p.path, 'outline', p.outline, 'level', p.level, 'use', p.use) AS body
FROM places p
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR p.path @> ARRAY[%(estate)s::text])
ORDER BY cardinality(p.path), p.code

-- visible_place --
SELECT 1 AS yes FROM places WHERE code = %(code)s AND (%(scope)s::text IS NULL OR path @> ARRAY[%(scope)s::text])

-- place --
SELECT jsonb_build_object('code', p.code, 'kind', p.kind, 'name_zh', p.name_zh, 'name_en', p.name_en,
    'parent', p.path[cardinality(p.path) - 1], 'path', p.path, 'outline', p.outline, 'level', p.level,
    'use', p.use) AS body, p.use
FROM places p WHERE p.code = %(code)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) FOR UPDATE

-- cameras_in --
SELECT d.id FROM devices d JOIN places p ON p.code = d.place
WHERE d.retired_at IS NULL AND d.profile = ANY (%(watches)s) AND p.path @> ARRAY[%(code)s::text] ORDER BY d.id LIMIT 5

-- use_place --
UPDATE places SET use = %(use)s WHERE code = %(code)s

-- visible_device --
SELECT d.id, d.estate, d.profile, d.make, d.model, d.legal_basis FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
