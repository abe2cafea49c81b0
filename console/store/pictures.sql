-- pictured_device --
-- A camera the caller may see, among the names a reference begins with.
SELECT d.id, d.estate FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = ANY(%(ids)s) AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- note_access --
-- The alert is the one the picture is looked at for, where the caller may see it.
INSERT INTO picture_access (who, unit, device, what, ref, reason, alert_id, source)
SELECT %(who)s, coalesce((SELECT nullif(org, '') FROM people WHERE user_name = %(who)s), %(role)s), %(device)s,
       %(what)s, %(ref)s, %(reason)s,
       (SELECT a.id FROM alerts a JOIN places p ON p.code = a.place
        WHERE a.id = %(alert)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])), %(source)s
RETURNING id

-- picture_access --
SELECT a.id, jsonb_build_object('id', a.id, 'at', a.at, 'who', a.who, 'unit', a.unit, 'device', a.device,
    'what', a.what, 'ref', a.ref, 'reason', a.reason, 'alert', a.alert_id) AS body
FROM picture_access a JOIN devices d ON d.id = a.device JOIN places p ON p.code = d.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(device)s::text IS NULL OR a.device = %(device)s) AND (%(after)s::bigint IS NULL OR a.id < %(after)s)
ORDER BY a.id DESC LIMIT %(limit)s

-- hold_of --
SELECT jsonb_build_object('by', by_whom, 'reason', reason, 'at', at) AS body FROM picture_holds WHERE ref = %(ref)s

-- hold --
INSERT INTO picture_holds (ref, device, reason, by_whom) VALUES (%(ref)s, %(device)s, %(reason)s, %(who)s)
ON CONFLICT (ref) DO NOTHING RETURNING ref

-- release --
DELETE FROM picture_holds WHERE ref = %(ref)s RETURNING ref
