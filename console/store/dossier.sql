-- case --
SELECT i.id, i.case_code, i.code, i.estate, i.state, i.closed_at FROM incidents i JOIN places p ON p.code = i.place
WHERE (i.id = %(id)s::bigint OR i.case_code = %(case_code)s::text)
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- gather --
SELECT dossier_gather(%(id)s)

-- entries --
SELECT seq, kind, ref, at, salt, body::text AS body, digest, prev, hash
FROM dossier_chain WHERE incident_id = %(id)s ORDER BY seq

-- sources --
-- What the tables say now, in the wording of the entries.
SELECT 'move' AS kind, l.seq::text AS ref, dossier_move(l)::text AS body FROM incident_log l WHERE l.incident_id = %(id)s
UNION ALL
SELECT 'order', o.id::text, dossier_order(o)::text FROM orders o WHERE o.incident_id = %(id)s
UNION ALL
SELECT 'alert', a.id::text, dossier_alert(a)::text FROM alerts a WHERE a.incident_id = %(id)s
UNION ALL
SELECT 'event', e.device || '/' || e.id, dossier_event(e)::text
FROM dossier_chain c JOIN events e ON e.device = c.body ->> 'device' AND e.id = c.body ->> 'id' AND e.at = (c.body ->> 'at')::timestamptz
WHERE c.incident_id = %(id)s AND c.kind = 'event'
UNION ALL
SELECT 'rule', v.rule || '/' || v.version, dossier_rule(v)::text
FROM dossier_chain c JOIN rule_versions v ON v.rule = c.body ->> 'rule' AND v.version = (c.body ->> 'version')::integer
WHERE c.incident_id = %(id)s AND c.kind = 'rule'
UNION ALL
SELECT 'message', 'letter/' || o.id, dossier_letter(o)::text
FROM dossier_chain c JOIN outbox o ON o.id = (c.body ->> 'id')::bigint WHERE c.incident_id = %(id)s AND c.kind = 'message' AND c.ref LIKE 'letter/%%'
UNION ALL
SELECT 'message', 'receipt/' || r.id, dossier_receipt(r)::text
FROM dossier_chain c JOIN receipts r ON r.id = (c.body ->> 'id')::bigint WHERE c.incident_id = %(id)s AND c.kind = 'message' AND c.ref LIKE 'receipt/%%'

-- note_view --
-- Who looked at a case, once in ten minutes: the page asks again with every news.
INSERT INTO audit_log (actor, action, object, success, detail, source)
SELECT %(actor)s, 'incident.view', i.case_code, true, jsonb_build_object('incident', i.id), %(source)s
FROM incidents i WHERE i.id = %(id)s AND NOT EXISTS (
    SELECT FROM audit_log a WHERE a.at > now() - INTERVAL '10 minutes' AND a.actor = %(actor)s
      AND a.action = 'incident.view' AND a.object = i.case_code)

-- seals --
-- Every copy that was handed out, by its seal.
SELECT a.at, a.actor, a.detail ->> 'seal' AS seal FROM audit_log a
WHERE a.action = 'dossier.export' AND a.object = %(case_code)s AND a.detail ->> 'seal' = %(seal)s LIMIT 1

-- names --
-- Words for the page: places on the way to the case's place, and the devices that spoke.
SELECT s.code, s.kind, s.name_zh, s.name_en FROM incidents i JOIN places p ON p.code = i.place
CROSS JOIN LATERAL unnest(p.path) WITH ORDINALITY AS step (code, n) JOIN places s ON s.code = step.code
WHERE i.id = %(id)s ORDER BY step.n
