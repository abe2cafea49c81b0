-- hold_of --
SELECT CASE WHEN h.incident_id IS NOT NULL THEN jsonb_build_object('by', h.by_whom, 'reason', h.reason, 'at', h.at) END AS body
FROM incidents i JOIN places p ON p.code = i.place LEFT JOIN case_holds h ON h.incident_id = i.id
WHERE i.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- hold --
INSERT INTO case_holds (incident_id, reason, by_whom) VALUES (%(id)s, %(reason)s, %(by)s) ON CONFLICT DO NOTHING RETURNING incident_id

-- release --
DELETE FROM case_holds WHERE incident_id = %(id)s RETURNING incident_id
