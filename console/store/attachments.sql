-- now --
-- The moment of arrival: one clock for everybody.
SELECT clock_timestamp() AS now

-- seen_incident --
-- Locked, so that the record stays without gaps; field staff see the cases of their own orders only.
SELECT i.id, i.case_code, i.state
FROM incidents i JOIN places p ON p.code = i.place
WHERE i.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
FOR UPDATE OF i

-- attached --
SELECT count(*) AS n FROM attachments WHERE incident_id = %(id)s

-- order_of --
SELECT id FROM orders WHERE id = %(order_id)s AND incident_id = %(id)s

-- attach --
INSERT INTO attachments (incident_id, order_id, sha256, media_type, size, width, height, taken_at, by_whom, lat, lon, flags)
VALUES (%(id)s, %(order_id)s, %(sha256)s, %(media_type)s, %(size)s, %(width)s, %(height)s, %(taken_at)s,
    %(by_whom)s, %(lat)s, %(lon)s, %(flags)s)
ON CONFLICT (incident_id, sha256) DO NOTHING
RETURNING id

-- by_hash --
SELECT a.id, jsonb_build_object('id', a.id, 'incident_id', a.incident_id, 'order_id', a.order_id, 'sha256', a.sha256,
    'media_type', a.media_type, 'size', a.size, 'width', a.width, 'height', a.height, 'taken_at', a.taken_at,
    'by_whom', a.by_whom, 'lat', a.lat, 'lon', a.lon, 'flags', a.flags, 'received_at', a.received_at) AS body
FROM attachments a WHERE a.incident_id = %(id)s AND a.sha256 = %(sha256)s

-- attachments --
SELECT jsonb_build_object('id', a.id, 'incident_id', a.incident_id, 'order_id', a.order_id, 'sha256', a.sha256,
    'media_type', a.media_type, 'size', a.size, 'width', a.width, 'height', a.height, 'taken_at', a.taken_at,
    'by_whom', a.by_whom, 'lat', a.lat, 'lon', a.lon, 'flags', a.flags, 'received_at', a.received_at) AS body
FROM attachments a JOIN incidents i ON i.id = a.incident_id JOIN places p ON p.code = i.place
WHERE a.incident_id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY a.id

-- incident_seen --
SELECT i.id FROM incidents i JOIN places p ON p.code = i.place
WHERE i.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(sent)s::text IS NULL OR EXISTS (
      SELECT FROM order_people m WHERE m.incident_id = i.id AND m.user_name = %(sent)s))

-- attachment --
SELECT a.id, a.incident_id, a.sha256, a.media_type, i.case_code
FROM attachments a JOIN incidents i ON i.id = a.incident_id JOIN places p ON p.code = i.place
WHERE a.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(sent)s::text IS NULL OR EXISTS (
      SELECT FROM order_people m WHERE m.incident_id = i.id AND m.user_name = %(sent)s))

-- named_photos --
SELECT DISTINCT sha256 FROM attachments WHERE sha256 = ANY (%(hashes)s)
