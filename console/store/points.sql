-- rules --
SELECT code, points, name_zh, name_en, active, set_by, set_at FROM points_rules ORDER BY points < 0, code

-- set_rule --
INSERT INTO points_rules (code, points, name_zh, name_en, active, set_by)
VALUES (%(code)s, %(points)s, %(name_zh)s, %(name_en)s, %(active)s, %(by)s)
ON CONFLICT (code) DO UPDATE SET points = excluded.points, name_zh = excluded.name_zh, name_en = excluded.name_en,
    active = excluded.active, set_by = excluded.set_by, set_at = now()

-- rule --
SELECT code, points FROM points_rules WHERE code = %(code)s AND active

-- propose --
INSERT INTO points_ledger (holder, holder_kind, family, place, rule, points, reason, incident_id, corrects, proposed_by)
VALUES (%(holder)s, %(holder_kind)s, %(family)s, %(place)s, %(rule)s, %(points)s, %(reason)s, %(incident_id)s, %(corrects)s, %(by)s)
ON CONFLICT (corrects) DO NOTHING RETURNING id

-- lock_entry --
SELECT l.* FROM points_ledger l JOIN places p ON p.code = l.place
WHERE l.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) FOR UPDATE OF l

-- reviews --
SELECT step, decision, by_whom FROM points_reviews WHERE entry = %(id)s

-- review --
INSERT INTO points_reviews (entry, step, decision, note, by_whom) VALUES (%(id)s, %(step)s, %(decision)s, %(note)s, %(by)s)

-- entries --
WITH stands AS (
    SELECT l.*, coalesce(CASE WHEN bool_or(r.decision = 'refuse') THEN 'refused'
            WHEN bool_or(r.step = 'publish') THEN 'published' WHEN bool_or(r.step = 'second') THEN 'approved'
            WHEN bool_or(r.step = 'first') THEN 'reviewed' END, 'proposed') AS stand,
        coalesce(jsonb_agg(jsonb_build_object('step', r.step, 'decision', r.decision, 'note', r.note, 'at', r.at, 'by', r.by_whom)
            ORDER BY r.at) FILTER (WHERE r.step IS NOT NULL), '[]') AS reviews
    FROM points_ledger l LEFT JOIN points_reviews r ON r.entry = l.id GROUP BY l.id
)
SELECT s.id, jsonb_build_object('id', s.id, 'at', s.at, 'holder', s.holder, 'holder_kind', s.holder_kind, 'family', s.family,
    'place', s.place, 'rule', s.rule, 'rule_zh', u.name_zh, 'rule_en', u.name_en, 'points', s.points, 'reason', s.reason,
    'incident_id', s.incident_id, 'corrects', s.corrects, 'corrected_by', c.id, 'proposed_by', s.proposed_by, 'stand', s.stand,
    'reviews', s.reviews) AS body
FROM stands s JOIN places p ON p.code = s.place JOIN points_rules u ON u.code = s.rule LEFT JOIN points_ledger c ON c.corrects = s.id
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(node)s::text IS NULL OR p.path @> ARRAY[%(node)s::text])
  AND (%(id)s::bigint IS NULL OR s.id = %(id)s) AND (%(holder)s::text IS NULL OR s.holder = %(holder)s)
  AND (%(stand)s::text IS NULL OR s.stand = %(stand)s OR (%(stand)s = 'waiting' AND s.stand IN ('proposed', 'reviewed', 'approved')))
  AND (%(before)s::bigint IS NULL OR s.id < %(before)s)
ORDER BY s.id DESC LIMIT %(limit)s

-- by_place --
-- Four levels add up: each place with everything below it.
SELECT c.code, c.kind, c.name_zh, c.name_en, c.code = r.code AS own, coalesce(sum(l.points), 0)::int AS points,
    coalesce(sum(l.points) FILTER (WHERE l.points > 0), 0)::int AS earned, coalesce(sum(l.points) FILTER (WHERE l.points < 0), 0)::int AS lost,
    count(DISTINCT l.holder)::int AS holders
FROM places r JOIN places c ON c.path @> ARRAY[r.code] AND (c.code = r.code OR (cardinality(c.path) = cardinality(r.path) + 1
    AND c.kind IN ('city', 'town', 'community', 'estate', 'building')))
LEFT JOIN (
    SELECT l.points, l.holder, p.path FROM points_ledger l JOIN places p ON p.code = l.place
    WHERE EXISTS (SELECT FROM points_reviews v WHERE v.entry = l.id AND v.step = 'publish' AND v.decision = 'approve')
      AND l.at >= %(start)s AND l.at < %(end)s
) l ON l.path @> ARRAY[c.code]
WHERE r.code = %(node)s GROUP BY c.code, c.kind, c.name_zh, c.name_en, r.code ORDER BY c.code <> r.code, points DESC, c.code

-- by_holder --
SELECT l.holder AS name, l.holder_kind AS kind, sum(l.points)::int AS points, count(*)::int AS entries
FROM points_ledger l JOIN places p ON p.code = l.place
WHERE p.path @> ARRAY[%(node)s::text] AND l.at >= %(start)s AND l.at < %(end)s
  AND EXISTS (SELECT FROM points_reviews v WHERE v.entry = l.id AND v.step = 'publish' AND v.decision = 'approve')
GROUP BY 1, 2 ORDER BY points DESC, 1 LIMIT 100

-- by_family --
SELECT l.family AS name, 'family' AS kind, sum(l.points)::int AS points, count(*)::int AS entries
FROM points_ledger l JOIN places p ON p.code = l.place
WHERE p.path @> ARRAY[%(node)s::text] AND l.at >= %(start)s AND l.at < %(end)s AND l.family <> ''
  AND EXISTS (SELECT FROM points_reviews v WHERE v.entry = l.id AND v.step = 'publish' AND v.decision = 'approve')
GROUP BY 1 ORDER BY points DESC, 1 LIMIT 100
