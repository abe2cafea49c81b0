-- scope_of --
-- A place or a device as the scope of a wish: its place, and the way to it from the root.
SELECT coalesce(d.place, p.code) AS place, coalesce(dp.path, p.path) AS path, coalesce(p.kind, 'device') AS kind,
    d.id AS device, d.profile, coalesce(d.estate, p.code) AS estate
FROM (SELECT %(code)s::text AS code) asked
LEFT JOIN places p ON p.code = asked.code
LEFT JOIN devices d ON d.id = asked.code AND p.code IS NULL
LEFT JOIN places dp ON dp.code = d.place
WHERE (p.code IS NOT NULL OR d.id IS NOT NULL)
  AND (%(scope)s::text IS NULL OR coalesce(dp.path, p.path) @> ARRAY[%(scope)s::text])

-- hushes --
-- What lies in the caller's part of the tree, and what a wider place asked for on top of it.
SELECT h.id, h.starts_at, jsonb_build_object('id', h.id, 'kind', h.kind, 'scope', h.scope, 'codes', h.codes,
    'scope_kind', CASE WHEN p.code IS NULL THEN 'device' ELSE p.kind END,
    'scope_zh', coalesce(p.name_zh, d.name_zh, h.scope), 'scope_en', coalesce(p.name_en, d.name_en, h.scope),
    'life_safety', h.life_safety, 'author', h.author, 'reason', h.reason, 'starts_at', h.starts_at, 'ends_at', h.ends_at,
    'ended_at', h.ended_at, 'ended_by', h.ended_by, 'ended_reason', h.ended_reason,
    'state', CASE WHEN coalesce(h.ended_at, h.ends_at) <= now() THEN 'ended' WHEN h.starts_at > now() THEN 'planned' ELSE 'active' END,
    'hidden', (SELECT count(*) FROM alerts a WHERE a.hushed_by = 'hush:' || h.id AND a.ended_at IS NULL)
) AS body
FROM hushes h
LEFT JOIN places p ON p.code = h.scope
LEFT JOIN devices d ON d.id = h.scope AND p.code IS NULL
LEFT JOIN places dp ON dp.code = d.place
WHERE (%(id)s::bigint IS NULL OR h.id = %(id)s)
  AND (%(scope)s::text IS NULL OR coalesce(dp.path, p.path) @> ARRAY[%(scope)s::text]
       OR h.scope = ANY ((SELECT path FROM places WHERE code = %(scope)s)::text[]))
  AND (CASE %(state)s WHEN 'all' THEN true WHEN 'ended' THEN coalesce(h.ended_at, h.ends_at) <= now()
       ELSE coalesce(h.ended_at, h.ends_at) > now() END)
  AND (%(after_id)s::bigint IS NULL OR (h.starts_at, h.id) < (%(after_start)s::timestamptz, %(after_id)s))
ORDER BY h.starts_at DESC, h.id DESC
LIMIT %(limit)s

-- scope_names --
SELECT code, name_zh, name_en FROM places WHERE code = ANY (%(codes)s)
UNION ALL SELECT id, name_zh, name_en FROM devices WHERE id = ANY (%(codes)s)
