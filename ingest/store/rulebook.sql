-- notify_rules --
SELECT pg_notify('shequ_rules', '')

-- lock_import --
SELECT pg_advisory_xact_lock(hashtext('shequ_rulebook'))

-- newest_shipped --
SELECT DISTINCT ON (rule) rule, version, source, state FROM rule_versions
WHERE origin = 'shipped' ORDER BY rule, version DESC

-- live_origins --
SELECT rule, version, origin FROM rule_versions WHERE state = 'live'

-- put_rule --
INSERT INTO rules (id, code) VALUES (%(rule)s, %(code)s)
ON CONFLICT (id) DO UPDATE SET code = excluded.code

-- lock_rule --
SELECT id FROM rules WHERE id = %(rule)s FOR UPDATE

-- put_version --
INSERT INTO rule_versions (rule, version, source, origin, state, author, reason, live_at)
SELECT %(rule)s, coalesce(max(version), 0) + 1, %(source)s, %(origin)s, %(state)s, %(author)s, %(reason)s,
    CASE WHEN %(state)s = 'live' THEN clock_timestamp() END
FROM rule_versions WHERE rule = %(rule)s
RETURNING version

-- live_and_shadow --
SELECT rule, version, source, state, origin FROM rule_versions WHERE state IN ('live', 'shadow') ORDER BY rule

-- version --
SELECT rule, version, source, origin, state, author, reason, created_at, live_at
FROM rule_versions WHERE rule = %(rule)s AND version = %(version)s

-- newest_version --
SELECT max(version) AS version FROM rule_versions
WHERE rule = %(rule)s AND (%(state)s::text IS NULL OR state = %(state)s)

-- live_version --
SELECT rule, version, source, origin, live_at FROM rule_versions WHERE rule = %(rule)s AND state = 'live'

-- live_before --
SELECT version, source FROM rule_versions
WHERE rule = %(rule)s AND state <> 'live' AND live_at < %(live_at)s ORDER BY live_at DESC LIMIT 1

-- unseat --
UPDATE rule_versions SET state = %(becomes)s WHERE rule = %(rule)s AND state = %(state)s

-- seat --
UPDATE rule_versions SET state = %(state)s,
    live_at = CASE WHEN %(state)s = 'live' THEN coalesce(%(live_at)s, clock_timestamp()) ELSE live_at END
WHERE rule = %(rule)s AND version = %(version)s

-- reseat --
UPDATE rule_versions SET state = 'live' WHERE rule = %(rule)s AND version = %(version)s

-- log --
INSERT INTO rule_log (rule, version, action, actor, reason, detail)
VALUES (%(rule)s, %(version)s, %(action)s, %(actor)s, %(reason)s, %(detail)s)

-- list --
SELECT r.id, r.code, v.version AS live, v.origin, v.source, v.author, v.live_at,
    (SELECT version FROM rule_versions s WHERE s.rule = r.id AND s.state = 'shadow') AS shadow,
    (SELECT max(version) FROM rule_versions n WHERE n.rule = r.id) AS newest
FROM rules r LEFT JOIN rule_versions v ON v.rule = r.id AND v.state = 'live'
ORDER BY r.code, r.id

-- versions --
SELECT jsonb_build_object('version', version, 'state', state, 'origin', origin, 'author', author, 'reason', reason,
    'created_at', created_at, 'live_at', live_at, 'source', source) AS body
FROM rule_versions WHERE rule = %(rule)s ORDER BY version DESC

-- log_of --
SELECT jsonb_build_object('at', at, 'version', version, 'action', action, 'actor', actor, 'reason', reason,
    'detail', detail) AS body
FROM rule_log WHERE rule = %(rule)s ORDER BY id DESC LIMIT 100

-- shadowed --
SELECT jsonb_build_object('version', version, 'verb', verb, 'fingerprint', fingerprint, 'severity', severity,
    'estate', estate, 'place', place, 'subject', subject, 'device', device, 'reason', reason, 'explain', explain,
    'evidence', evidence, 'at', at) AS body
FROM shadow_signals s
WHERE rule = %(rule)s AND (%(version)s::int IS NULL OR version = %(version)s)
    AND (%(scope)s::text IS NULL OR EXISTS (SELECT FROM places p WHERE p.code = s.place AND p.path @> ARRAY[%(scope)s::text]))
ORDER BY id DESC LIMIT 100

-- judged --
SELECT j.rule, j.version, v.source FROM rules_judged j
JOIN rule_versions v ON v.rule = j.rule AND v.version = j.version WHERE j.worker = %(worker)s

-- forget_judged --
DELETE FROM rules_judged WHERE worker = %(worker)s

-- put_judged --
INSERT INTO rules_judged (worker, rule, version)
SELECT %(worker)s, * FROM unnest(%(rules)s::text[], %(versions)s::int[])
