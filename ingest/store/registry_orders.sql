-- want_config --
-- A new desired configuration; answers its version.
INSERT INTO device_config (device, version, hash, data, by_whom)
VALUES (%(device)s, 1, %(hash)s, %(data)s, %(by)s)
ON CONFLICT (device) DO UPDATE SET version = device_config.version + 1, hash = excluded.hash, data = excluded.data,
    by_whom = excluded.by_whom, at = now()
RETURNING version

-- log_config --
INSERT INTO device_config_log (device, version, hash, data, by_whom, rollout)
VALUES (%(device)s, %(version)s, %(hash)s, %(data)s, %(by)s, %(rollout)s)

-- note_config --
INSERT INTO device_history (device, action, actor, detail)
VALUES (%(device)s, 'config', %(by)s, jsonb_build_object('version', %(version)s::int, 'data', %(data)s::jsonb, 'rollout', %(rollout)s::bigint))

-- unpublished --
SELECT c.device, d.estate, c.version, c.data FROM device_config c JOIN devices d ON d.id = c.device
WHERE c.published IS DISTINCT FROM c.version AND d.retired_at IS NULL LIMIT 200

-- published --
UPDATE device_config SET published = %(version)s WHERE device = %(device)s AND version = %(version)s

-- report --
-- What a device says of its configuration; an answer about an older version is no answer.
UPDATE device_config SET reported = %(version)s, reported_hash = %(hash)s, reported_at = %(at)s,
    reported_status = CASE WHEN %(hash)s::text <> hash THEN 'failed' ELSE %(status)s END,
    reported_reason = CASE WHEN %(hash)s::text <> hash THEN 'the device has other content under this version'
        ELSE %(reason)s END
WHERE device = %(device)s AND version = %(version)s
  AND (reported, reported_status, reported_hash) IS DISTINCT FROM (%(version)s, %(status)s, %(hash)s)

-- queued --
SELECT k.id, k.device, d.estate, k.name, k.args, k.asked_at, k.expires_at,
    extract(epoch FROM k.expires_at - now())::float8 AS left_s
FROM device_commands k JOIN devices d ON d.id = k.device
WHERE k.state = 'queued' AND k.expires_at > now() ORDER BY k.id LIMIT 200

-- sent --
UPDATE device_commands SET state = 'sent', sent_at = now() WHERE id = %(id)s AND state = 'queued'

-- replied --
UPDATE device_commands SET state = %(state)s, replied_at = now(), reply = %(reply)s
WHERE id = %(id)s AND device = %(device)s AND state IN ('queued', 'sent')
RETURNING device, name

-- note_reply --
INSERT INTO device_history (device, action, actor, detail)
VALUES (%(device)s, 'command.reply', 'device', jsonb_build_object('id', %(id)s::bigint, 'state', %(state)s::text, 'reply', %(reply)s::jsonb))

-- expire --
UPDATE device_commands SET state = 'expired' WHERE state IN ('queued', 'sent') AND expires_at <= now() RETURNING device

-- running --
SELECT id, stage, cardinality(stages) - 1 AS last_stage, max_failed, stage_wait_s, data, created_by,
    extract(epoch FROM clock_timestamp() - stage_since)::float8 AS waited_s
FROM rollouts WHERE state = 'running' ORDER BY id FOR UPDATE SKIP LOCKED

-- settle --
-- What the devices of a roll-out have answered meanwhile.
UPDATE rollout_devices r SET
    status = CASE WHEN c.version <> r.version THEN 'skipped' ELSE c.reported_status END,
    reason = CASE WHEN c.version <> r.version THEN 'configured by somebody else meanwhile' ELSE c.reported_reason END
FROM device_config c
WHERE r.rollout = %(id)s AND r.status = 'pending' AND c.device = r.device
  AND (c.version <> r.version OR (c.reported = c.version AND c.reported_status IS NOT NULL))

-- statuses --
SELECT device, stage, status FROM rollout_devices WHERE rollout = %(id)s

-- next_devices --
SELECT r.device, c.data AS before FROM rollout_devices r LEFT JOIN device_config c ON c.device = r.device
WHERE r.rollout = %(id)s AND r.stage <= %(stage)s AND r.status = 'waiting' ORDER BY r.device

-- begun --
UPDATE rollout_devices SET status = 'pending', version = %(version)s, before = %(before)s
WHERE rollout = %(id)s AND device = %(device)s

-- step_rollout --
UPDATE rollouts SET stage = %(stage)s, state = %(state)s, reason = %(reason)s, stage_since = clock_timestamp() WHERE id = %(id)s

-- notify_orders --
SELECT pg_notify('shequ_orders', '')
