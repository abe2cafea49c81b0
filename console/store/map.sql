-- shapes --
-- What has an outline, with the anchor of its estate; those without one come too, to be told.
SELECT p.code, p.kind, p.name_zh, p.name_en, p.outline, p.level,
    (SELECT e.code FROM places e WHERE e.code = ANY (p.path) AND e.kind = 'estate' LIMIT 1) AS estate,
    anchor.lat, anchor.lon
FROM places p LEFT JOIN LATERAL anchor_of(p.path) anchor ON true
WHERE p.kind = ANY (%(kinds)s) AND jsonb_array_length(p.outline) > 2
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY cardinality(p.path), p.code
LIMIT %(most)s

-- grids --
-- Each grid of today with what lies in it: its places' outlines, or the nearest around them.
SELECT g.code, g.kind, g.name_zh, g.name_en, here.outline, anchor.lat, anchor.lon
FROM grids g JOIN grid_places m ON m.grid = g.code AND m.until IS NULL JOIN places p ON p.code = m.place
JOIN LATERAL (
    SELECT q.outline FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
    WHERE jsonb_array_length(q.outline) > 2 ORDER BY step.n DESC LIMIT 1
) here ON true
JOIN LATERAL anchor_of(p.path) anchor ON true
WHERE g.ended_at IS NULL AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY g.code

-- points --
-- Devices with their own pin, else in the middle of what is drawn around them.
SELECT d.id, d.name_zh, d.name_en, d.profile, d.place, d.estate, d.online, d.x, d.y, here.outline, anchor.lat, anchor.lon
FROM devices d JOIN places p ON p.code = d.place
LEFT JOIN LATERAL (
    SELECT q.outline FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
    WHERE jsonb_array_length(q.outline) > 2 ORDER BY step.n DESC LIMIT 1
) here ON true
JOIN LATERAL anchor_of(p.path) anchor ON true
WHERE d.retired_at IS NULL AND (d.x IS NOT NULL OR here.outline IS NOT NULL)
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR d.estate = %(estate)s)
ORDER BY d.id
LIMIT %(most)s

-- set_anchor --
INSERT INTO place_anchors (place, lat, lon) VALUES (%(place)s, %(lat)s, %(lon)s)
ON CONFLICT (place) DO UPDATE SET lat = EXCLUDED.lat, lon = EXCLUDED.lon

-- is_estate --
SELECT kind FROM places WHERE code = %(place)s AND (%(scope)s::text IS NULL OR path @> ARRAY[%(scope)s::text])
