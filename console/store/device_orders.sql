-- config --
SELECT jsonb_build_object(
    'status', CASE WHEN c.device IS NULL THEN 'none' WHEN c.reported = c.version THEN c.reported_status ELSE 'pending' END,
    'desired', CASE WHEN c.device IS NOT NULL THEN jsonb_build_object('version', c.version, 'hash', c.hash,
        'data', c.data, 'at', c.at, 'by', c.by_whom) END,
    'reported', CASE WHEN c.reported IS NOT NULL THEN jsonb_build_object('version', c.reported,
        'hash', c.reported_hash, 'status', c.reported_status, 'reason', c.reported_reason, 'at', c.reported_at) END,
    'history', coalesce((SELECT jsonb_agg(l.line) FROM (
        SELECT jsonb_build_object('version', version, 'hash', hash, 'data', data, 'at', at, 'by', by_whom,
            'rollout', rollout) AS line
        FROM device_config_log WHERE device = d.id ORDER BY version DESC LIMIT 20) l), '[]')) AS body,
    coalesce(c.version, 0) AS version
FROM devices d LEFT JOIN device_config c ON c.device = d.id WHERE d.id = %(id)s

-- ask --
INSERT INTO device_commands (device, name, args, reason, asked_by, expires_at)
VALUES (%(device)s, %(name)s, %(args)s, %(reason)s, %(by)s, now() + %(expires_s)s * INTERVAL '1 second')
RETURNING id

-- commands --
SELECT jsonb_build_object('id', k.id, 'device', k.device, 'name', k.name, 'args', k.args, 'state', k.state,
    'reason', k.reason, 'asked_at', k.asked_at, 'asked_by', k.asked_by, 'expires_at', k.expires_at,
    'sent_at', k.sent_at, 'replied_at', k.replied_at, 'reply', k.reply) AS body, k.id
FROM device_commands k JOIN devices d ON d.id = k.device JOIN places p ON p.code = d.place
WHERE (%(device)s::text IS NULL OR k.device = %(device)s) AND (%(id)s::bigint IS NULL OR k.id = %(id)s)
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(before)s::bigint IS NULL OR k.id < %(before)s)
ORDER BY k.id DESC LIMIT %(limit)s

-- groups --
SELECT jsonb_build_object('code', g.code, 'estate', g.estate, 'name_zh', g.name_zh, 'name_en', g.name_en,
    'version', g.version, 'devices', coalesce((SELECT jsonb_agg(m.device ORDER BY m.device)
        FROM device_group_members m WHERE m.code = g.code), '[]')) AS body
FROM device_groups g JOIN places p ON p.code = g.estate
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR g.estate = %(estate)s)
  AND (%(code)s::text IS NULL OR g.code = %(code)s)
ORDER BY g.code

-- add_group --
INSERT INTO device_groups (code, estate, name_zh, name_en) VALUES (%(code)s, %(estate)s, %(name_zh)s, %(name_en)s)
ON CONFLICT DO NOTHING RETURNING code

-- change_group --
UPDATE device_groups SET name_zh = coalesce(%(name_zh)s, name_zh), name_en = coalesce(%(name_en)s, name_en),
    version = version + 1 WHERE code = %(code)s

-- drop_group --
DELETE FROM device_groups WHERE code = %(code)s

-- empty_group --
DELETE FROM device_group_members WHERE code = %(code)s

-- fill_group --
INSERT INTO device_group_members (code, device) SELECT %(code)s, unnest(%(devices)s::text[])

-- targets --
-- The devices a roll-out or a group may have: registered, not retired, within reach.
SELECT d.id, d.estate, d.profile, d.make, d.model, d.legal_basis FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = ANY (%(ids)s) AND d.retired_at IS NULL AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY d.id

-- add_rollout --
INSERT INTO rollouts (name, stages, max_failed, stage_wait_s, data, created_by)
VALUES (%(name)s, %(stages)s, %(max_failed)s, %(stage_wait_s)s, %(data)s, %(by)s) RETURNING id

-- add_rollout_device --
INSERT INTO rollout_devices (rollout, device, stage) VALUES (%(id)s, %(device)s, %(stage)s)

-- rollouts --
-- Only those whose every device the caller sees.
SELECT jsonb_build_object('id', r.id, 'name', r.name, 'state', r.state, 'reason', r.reason, 'stage', r.stage,
    'stages', r.stages, 'max_failed', r.max_failed, 'stage_wait_s', r.stage_wait_s, 'data', r.data,
    'created_at', r.created_at, 'created_by', r.created_by, 'stage_since', r.stage_since,
    'counts', (SELECT jsonb_build_object(
        'waiting', count(*) FILTER (WHERE s.status = 'waiting'), 'pending', count(*) FILTER (WHERE s.status = 'pending'),
        'applied', count(*) FILTER (WHERE s.status = 'applied'), 'failed', count(*) FILTER (WHERE s.status = 'failed'),
        'skipped', count(*) FILTER (WHERE s.status = 'skipped'))
        FROM rollout_devices s WHERE s.rollout = r.id)) AS body, r.id, r.state, r.stage, r.data
FROM rollouts r
WHERE (%(state)s::text IS NULL OR r.state = %(state)s) AND (%(id)s::bigint IS NULL OR r.id = %(id)s)
  AND (%(before)s::bigint IS NULL OR r.id < %(before)s)
  AND (%(scope)s::text IS NULL OR NOT EXISTS (
      SELECT FROM rollout_devices s JOIN devices d ON d.id = s.device JOIN places p ON p.code = d.place
      WHERE s.rollout = r.id AND NOT p.path @> ARRAY[%(scope)s::text]))
ORDER BY r.id DESC LIMIT %(limit)s

-- rollout_devices --
SELECT jsonb_build_object('device', device, 'stage', stage, 'status', status, 'reason', reason) AS body,
    device, status, before
FROM rollout_devices WHERE rollout = %(id)s ORDER BY stage, device

-- lock_rollout --
SELECT id FROM rollouts WHERE id = %(id)s FOR UPDATE

-- set_rollout --
UPDATE rollouts SET state = %(state)s, reason = %(reason)s, stage_since = clock_timestamp(),
    max_failed = %(max_failed)s WHERE id = %(id)s

-- leave_out_silent --
UPDATE rollout_devices SET status = 'skipped', reason = 'no answer' WHERE rollout = %(id)s AND status = 'pending'
