-- my_orders --
SELECT o.id, o.sent_at, o.incident_id, o.role, o.state, i.state AS incident_state, i.assignee,
    (SELECT l.actor FROM incident_log l WHERE l.incident_id = i.id AND l.action = 'report_back'
     ORDER BY l.seq DESC LIMIT 1) AS worker,
    w.body AS incident,
    jsonb_build_object('id', o.id, 'incident_id', o.incident_id, 'case_code', i.case_code, 'severity', i.severity,
        'code', i.code, 'title', i.title, 'summary', i.summary, 'drill', i.drill, 'estate', i.estate, 'place', i.place,
        'place_path', (SELECT jsonb_agg(jsonb_build_object('code', s.code, 'kind', s.kind, 'name_zh', s.name_zh,
                'name_en', s.name_en) ORDER BY step.n)
            FROM unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code),
        'lat', g.lat, 'lon', g.lon,
        'org', o.org, 'role', o.role, 'state', o.state, 'note', o.note, 'named', o.person IS NOT NULL,
        'sent_at', o.sent_at, 'sent_by', o.sent_by, 'due_at', o.due_at, 'accepted_at', o.accepted_at,
        'arrived_at', o.arrived_at, 'done_at', o.done_at, 'returned_at', o.returned_at,
        'incident_state', i.state, 'incident_version', i.version, 'clocks', w.body->'clocks',
        'photos', (SELECT count(*) FROM attachments a WHERE a.incident_id = i.id)) AS body
FROM order_people m JOIN orders o ON o.id = m.order_id JOIN incidents i ON i.id = o.incident_id
JOIN incident_wire w ON w.id = i.id JOIN places p ON p.code = i.place LEFT JOIN place_globe g ON g.code = i.place
WHERE m.user_name = %(user_name)s
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text] OR o.person = m.person) -- who is sent by name, wherever
  AND (%(id)s::bigint IS NULL OR o.id = %(id)s)
  AND (%(state)s = 'all' OR (%(state)s = 'open') = (i.closed_at IS NULL AND o.state IN ('sent', 'acknowledged', 'on_scene')))
  AND (%(after_id)s::bigint IS NULL OR (o.sent_at, o.id) < (%(after_sent)s::timestamptz, %(after_id)s))
ORDER BY o.sent_at DESC, o.id DESC
LIMIT %(limit)s

-- my_order --
SELECT o.id, o.incident_id, o.role, o.state, i.case_code, i.place, o.person IS NOT NULL AS named
FROM order_people m JOIN orders o ON o.id = m.order_id JOIN incidents i ON i.id = o.incident_id
JOIN places p ON p.code = i.place
WHERE m.user_name = %(user_name)s AND o.id = %(id)s
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text] OR o.person = m.person)

-- was_mine --
-- An order that went to a colleague meanwhile is still known to whoever made a move on it without network.
SELECT o.id, o.incident_id, o.role, o.state, i.case_code, i.place, coalesce(o.person = w.id, false) AS named
FROM orders o JOIN incidents i ON i.id = o.incident_id JOIN places p ON p.code = i.place
JOIN people w ON w.active AND w.user_name = %(user_name)s
WHERE o.id = %(id)s AND (o.person = w.id OR ((o.org = w.org OR o.org = ANY (w.roles)) AND p.path @> ARRAY[w.place]
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])))

-- lock_order --
SELECT o.state, i.state AS incident_state,
    (SELECT max(n.id) FROM orders n WHERE n.incident_id = o.incident_id AND n.role = 'lead') AS leading
FROM orders o JOIN incidents i ON i.id = o.incident_id WHERE o.id = %(id)s FOR UPDATE OF i

-- earlier_move --
SELECT request, answer FROM order_moves WHERE actor = %(actor)s AND key = %(key)s

-- keep_move --
INSERT INTO order_moves (actor, key, order_id, incident_id, action, request, acted_at, claimed_at, received_at, flags,
    outcome, answer)
VALUES (%(actor)s, %(key)s, %(order_id)s, %(incident_id)s, %(action)s, %(request)s, %(acted_at)s, %(claimed_at)s,
    %(received_at)s, %(flags)s, %(outcome)s, %(answer)s)

-- known_photos --
SELECT id FROM attachments WHERE incident_id = %(incident_id)s AND id = ANY (%(ids)s)

-- names_of --
SELECT name FROM people WHERE id = ANY (%(people)s::text[]) ORDER BY array_position(%(people)s::text[], id)
