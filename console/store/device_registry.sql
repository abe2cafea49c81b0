-- sites --
-- Places as far as siting goes: the estate around each, and the nearest use around it that forbids cameras.
SELECT p.code,
    (SELECT e.code FROM places e WHERE e.code = ANY (p.path) AND e.kind = 'estate'
     ORDER BY cardinality(e.path) DESC LIMIT 1) AS estate,
    (SELECT e.use FROM places e WHERE e.code = ANY (p.path) AND e.use = ANY (%(no_camera)s)
     ORDER BY cardinality(e.path) DESC LIMIT 1) AS forbidding_use
FROM places p
WHERE p.code = ANY (%(codes)s) AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- standing --
SELECT id, estate, gateway, retired_at IS NOT NULL AS retired FROM devices WHERE id = ANY (%(ids)s)

-- names --
-- Who has one of these national ids or serials.
SELECT id, gb28181_id, coalesce(make, '') AS make, serial FROM devices
WHERE retired_at IS NULL AND (gb28181_id = ANY (%(national_ids)s) OR serial = ANY (%(serials)s))

-- foreign --
-- Who has one of these names in a dialect.
SELECT estate, dialect, coalesce(foreign_name, id) AS name, id FROM devices
WHERE retired_at IS NULL AND dialect IS NOT NULL AND coalesce(foreign_name, id) = ANY (%(names)s)

-- add_device --
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, x, y, offline_after_s, lifecycle, make, model,
    serial, owner_unit, network, gb28181_id, gateway, legal_basis, retention_days, purpose, installed_at, installed_by,
    maintenance_due, dialect, foreign_name)
VALUES (%(id)s, %(estate)s, %(place)s, %(profile)s, %(name_zh)s, %(name_en)s, %(x)s, %(y)s, %(offline_after_s)s,
    %(lifecycle)s, %(make)s, %(model)s, %(serial)s, %(owner_unit)s, %(network)s, %(gb28181_id)s, %(gateway)s,
    %(legal_basis)s, %(retention_days)s, %(purpose)s, %(installed_at)s, %(installed_by)s,
    %(maintenance_due)s, %(dialect)s, %(foreign_name)s)
ON CONFLICT (id) DO NOTHING
RETURNING id

-- papers --
-- A device's papers, held against other writers until the transaction ends.
SELECT d.id, d.estate, d.place, d.profile, d.name_zh, d.name_en, d.x, d.y, d.offline_after_s, d.make, d.model, d.serial,
    d.owner_unit, d.network, d.gb28181_id, d.gateway, d.legal_basis, d.retention_days, d.purpose, d.installed_at,
    d.installed_by, d.maintenance_due, d.dialect, d.foreign_name, d.lifecycle, d.version
FROM devices d JOIN places p ON p.code = d.place
WHERE d.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
FOR UPDATE OF d

-- change_device --
UPDATE devices SET place = %(place)s, profile = %(profile)s, name_zh = %(name_zh)s, name_en = %(name_en)s,
    x = %(x)s, y = %(y)s, offline_after_s = %(offline_after_s)s, make = %(make)s, model = %(model)s,
    serial = %(serial)s, owner_unit = %(owner_unit)s, network = %(network)s, gb28181_id = %(gb28181_id)s,
    gateway = %(gateway)s, legal_basis = %(legal_basis)s, retention_days = %(retention_days)s, purpose = %(purpose)s,
    installed_at = %(installed_at)s, installed_by = %(installed_by)s, maintenance_due = %(maintenance_due)s,
    dialect = %(dialect)s, foreign_name = %(foreign_name)s, version = version + 1
WHERE id = %(id)s

-- configured_days --
SELECT c.data -> 'keep_days' AS days FROM device_config c WHERE c.device = %(id)s AND jsonb_typeof(c.data -> 'keep_days') = 'number'

-- move_device --
UPDATE devices SET lifecycle = %(to_state)s, version = version + 1,
    retired_at = CASE WHEN %(to_state)s = 'retired' THEN now() END,
    online = CASE WHEN %(to_state)s = 'retired' THEN NULL ELSE online END
WHERE id = %(id)s

-- shown_again --
-- Its maintenance is over: what still stands is shown.
UPDATE alerts SET state = 'open', hush_reason = NULL, hushed_by = NULL, version = version + 1
WHERE hushed_by = 'lifecycle:' || %(id)s::text AND state = 'suppressed' AND ended_at IS NULL AND cleared_at IS NULL
RETURNING id

-- children --
SELECT id FROM devices WHERE gateway = %(id)s AND retired_at IS NULL ORDER BY id LIMIT 5

-- note --
INSERT INTO device_history (device, action, actor, from_state, to_state, reason, detail, source)
VALUES (%(device)s, %(action)s, %(actor)s, %(from_state)s, %(to_state)s, %(reason)s, %(detail)s, %(source)s)

-- history --
SELECT jsonb_build_object('id', id, 'at', at, 'action', action, 'actor', actor, 'from_state', from_state,
    'to_state', to_state, 'reason', reason, 'detail', detail) AS body, id
FROM device_history
WHERE device = %(device)s AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s

-- add_record --
INSERT INTO device_records (device, at, kind, done_by, note, actor)
VALUES (%(device)s, coalesce(%(at)s::timestamptz, now()), %(kind)s, %(by)s, %(note)s, %(actor)s)
RETURNING jsonb_build_object('id', id, 'at', at, 'kind', kind, 'by', done_by, 'note', note, 'actor', actor,
    'written_at', written_at) AS body

-- records --
SELECT jsonb_build_object('id', id, 'at', at, 'kind', kind, 'by', done_by, 'note', note, 'actor', actor,
    'written_at', written_at) AS body, at, id
FROM device_records
WHERE device = %(device)s AND (%(before)s::timestamptz IS NULL OR (at, id) < (%(before)s, %(before_id)s))
ORDER BY at DESC, id DESC LIMIT %(limit)s

-- installed --
UPDATE devices SET installed_at = coalesce(installed_at, %(at)s), installed_by = coalesce(installed_by, %(by)s)
WHERE id = %(device)s

-- credentials --
SELECT jsonb_build_object(
    'state', CASE WHEN c.device IS NULL THEN 'none' WHEN c.revoked_at IS NOT NULL THEN 'revoked' ELSE 'valid' END,
    'kinds', to_jsonb(array_remove(ARRAY[
        CASE WHEN c.revoked_at IS NULL AND c.password_hash IS NOT NULL THEN 'password' END,
        CASE WHEN c.revoked_at IS NULL AND c.certificate_serial IS NOT NULL THEN 'certificate' END], NULL)),
    'username', d.id, 'minted_at', c.minted_at, 'rotated_at', c.rotated_at, 'revoked_at', c.revoked_at,
    'certificate', CASE WHEN c.certificate_serial IS NOT NULL THEN jsonb_build_object('serial', c.certificate_serial,
        'not_after', c.certificate_not_after, 'fingerprint', c.certificate_fingerprint) END) AS body
FROM devices d LEFT JOIN device_credentials c ON c.device = d.id
WHERE d.id = %(id)s

-- minted --
INSERT INTO device_credentials (device, password_hash) VALUES (%(device)s, %(hash)s)
ON CONFLICT (device) DO UPDATE SET password_hash = excluded.password_hash, rotated_at = now(), revoked_at = NULL,
    certificate_serial = CASE WHEN device_credentials.revoked_at IS NULL THEN device_credentials.certificate_serial END

-- certified --
INSERT INTO device_credentials (device, certificate_serial, certificate_fingerprint, certificate_not_after)
VALUES (%(device)s, %(serial)s, %(fingerprint)s, %(not_after)s)
ON CONFLICT (device) DO UPDATE SET certificate_serial = excluded.certificate_serial,
    certificate_fingerprint = excluded.certificate_fingerprint, certificate_not_after = excluded.certificate_not_after,
    password_hash = CASE WHEN device_credentials.revoked_at IS NULL THEN device_credentials.password_hash END,
    rotated_at = now(), revoked_at = NULL

-- revoked --
UPDATE device_credentials SET revoked_at = now(), password_hash = NULL
WHERE device = %(device)s AND revoked_at IS NULL

-- export --
SELECT d.id, d.place, d.profile, d.name_zh, d.name_en, d.make, d.model, d.serial, d.owner_unit, d.network, d.gb28181_id,
    d.gateway, d.legal_basis, d.retention_days, d.purpose, d.x, d.y, d.offline_after_s, d.installed_at, d.installed_by,
    d.maintenance_due, d.dialect, d.foreign_name,
    (SELECT string_agg(c.person, ';' ORDER BY c.rank) FROM callees c WHERE c.device = d.id) AS callees
FROM devices d JOIN places p ON p.code = d.place
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND d.lifecycle = coalesce(%(lifecycle)s::text, d.lifecycle)
  AND (d.retired_at IS NULL OR %(lifecycle)s::text = 'retired')
  AND (%(estate)s::text IS NULL OR d.estate = %(estate)s)
  AND (%(profile)s::text IS NULL OR d.profile = %(profile)s)
  AND (%(network)s::text IS NULL OR d.network = %(network)s)
ORDER BY d.id

-- places --
-- Where devices may stand: what lies in an estate, for the template of an import.
SELECT p.code, p.name_zh
FROM places p JOIN places e ON e.code = ANY (p.path) AND e.kind = 'estate'
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY p.path, p.code
