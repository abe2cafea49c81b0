-- lock_link --
-- One collector per link, whatever number of senders runs.
SELECT pg_advisory_xact_lock(hashtextextended('cascade:' || %(link)s, 0))

-- new_moves --
-- Rows of the record that the other side has not been told. What came from there is passed over, and so is what does not concern it.
SELECT i.id AS incident_id, l.seq, coalesce(c.case_code, i.case_code) AS told_code, i.estate, i.severity, i.drill,
    now() + INTERVAL '30 days' AS expires_at,
    l.source <> %(source)s AND (%(up)s OR l.action = ANY(%(downwards)s)) AS tell,
    jsonb_build_object('case_code', coalesce(c.case_code, i.case_code), 'code', i.code, 'severity', i.severity, 'state', i.state,
        'estate', i.estate, 'estate_zh', e.name_zh, 'estate_en', e.name_en, 'opened_at', i.opened_at, 'lead_org', i.lead_org,
        'outcome', i.outcome, 'drill', i.drill, 'kind', i.kind, 'title', i.title, 'source', i.source) AS case_body,
    jsonb_build_object('seq', l.seq, 'at', l.at, 'action', l.action, 'actor', l.actor, 'from', l.from_state, 'to', l.to_state,
        'reason', l.reason) AS move_body
FROM incidents i
JOIN places e ON e.code = i.estate
LEFT JOIN cascade_cases c ON c.link = %(link)s AND c.incident_id = i.id
JOIN incident_log l ON l.incident_id = i.id AND l.seq > coalesce(c.posted_seq, 0) AND l.at > i.opened_at - INTERVAL '1 hour'
WHERE (i.closed_at IS NULL OR i.closed_at > now() - INTERVAL '7 days')
  AND CASE WHEN %(up)s THEN NOT coalesce(c.mirrored, false) AND (
        c.link IS NOT NULL OR i.severity <= %(worst)s
        OR EXISTS (SELECT FROM incident_log t WHERE t.incident_id = i.id AND t.action = 'transfer_up'))
      ELSE coalesce(c.mirrored, false) END
ORDER BY i.id, l.seq
LIMIT %(most)s

-- reached --
INSERT INTO cascade_cases (link, case_code, incident_id, mirrored, posted_seq)
VALUES (%(link)s, %(case_code)s, %(incident_id)s, false, %(seq)s)
ON CONFLICT (link, case_code) DO UPDATE SET posted_seq = greatest(cascade_cases.posted_seq, excluded.posted_seq)

-- links --
SELECT code, settings FROM endpoints WHERE channel = 'cascade' AND enabled ORDER BY code

-- known_case --
SELECT c.incident_id, c.mirrored, c.state_seq, i.state, i.version FROM cascade_cases c JOIN incidents i ON i.id = c.incident_id
WHERE c.link = %(link)s AND c.case_code = %(case_code)s FOR UPDATE OF c, i

-- lock_case --
SELECT pg_advisory_xact_lock(hashtextextended('cascade:' || %(link)s || ':' || %(case_code)s, 0))

-- place_for --
SELECT code FROM places WHERE code IN (%(estate)s, %(fallback)s) ORDER BY code <> %(estate)s LIMIT 1

-- taken_code --
SELECT id FROM incidents WHERE case_code = %(case_code)s

-- mirror_case --
INSERT INTO incidents (case_code, state, severity, code, estate, place, lead_org, opened_at, opened_by, drill, kind, title, source)
VALUES (%(local_code)s, %(state)s, %(severity)s, %(code)s, %(place)s, %(place)s, %(lead_org)s, %(opened_at)s, %(by)s, %(drill)s,
    %(kind)s, %(title)s, %(source)s)
RETURNING id

-- tie_case --
INSERT INTO cascade_cases (link, case_code, incident_id, mirrored, state_seq) VALUES (%(link)s, %(case_code)s, %(incident_id)s, true, 0)

-- new_move --
-- A move of theirs, once; its number in our record follows.
INSERT INTO cascade_moves (link, case_code, remote_seq, seq)
SELECT %(link)s, %(case_code)s, %(remote_seq)s, coalesce(max(seq), 0) + 1 FROM incident_log WHERE incident_id = %(incident_id)s
ON CONFLICT DO NOTHING RETURNING seq

-- note_move --
INSERT INTO incident_log (incident_id, seq, action, actor, from_state, to_state, reason, detail, source)
VALUES (%(incident_id)s, %(seq)s, %(action)s, %(actor)s, %(from_state)s, %(to_state)s, %(reason)s, %(detail)s, %(source)s)

-- follow_state --
UPDATE incidents SET state = %(state)s, outcome = coalesce(%(outcome)s, outcome), version = version + 1,
    closed_at = CASE WHEN %(over)s THEN coalesce(closed_at, now()) ELSE NULL END
WHERE id = %(incident_id)s

-- followed --
UPDATE cascade_cases SET state_seq = greatest(state_seq, %(remote_seq)s) WHERE link = %(link)s AND case_code = %(case_code)s

-- heed_above --
-- A row of the record that moved nothing; a word from above may put a case under supervision.
UPDATE incidents SET version = version + 1,
    supervised_at = CASE WHEN %(action)s = 'supervise' THEN coalesce(supervised_at, now()) ELSE supervised_at END
WHERE id = %(incident_id)s
RETURNING now() AS now

-- links_of --
SELECT c.link, c.case_code, c.mirrored, c.posted_seq, c.state_seq, e.name_zh, e.name_en FROM cascade_cases c JOIN endpoints e ON e.code = c.link
WHERE c.incident_id = %(incident_id)s ORDER BY c.link

-- own_move --
INSERT INTO incident_log (incident_id, seq, action, actor, from_state, to_state, reason, source)
SELECT i.id, (SELECT coalesce(max(seq), 0) + 1 FROM incident_log WHERE incident_id = i.id), %(action)s, %(actor)s, i.state, i.state,
    %(reason)s, %(source)s
FROM incidents i WHERE i.id = %(incident_id)s
