-- make_label --
INSERT INTO enrolment_labels (label, code_hash, estate, profile, make, model, serial, created_by)
VALUES (%(label)s, %(hash)s, %(estate)s, %(profile)s, %(make)s, %(model)s, %(serial)s, %(by)s)

-- labels --
SELECT jsonb_build_object('label', l.label, 'estate', l.estate, 'profile', l.profile, 'make', l.make, 'model', l.model,
    'serial', l.serial, 'state', l.state, 'created_at', l.created_at, 'created_by', l.created_by) AS body, l.label
FROM enrolment_labels l JOIN places p ON p.code = l.estate
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(estate)s::text IS NULL OR l.estate = %(estate)s)
  AND (%(after)s::text IS NULL OR l.label > %(after)s)
ORDER BY l.label LIMIT %(limit)s

-- label_of --
SELECT l.label, l.estate, l.profile, l.make, l.model, l.serial, l.state, e.registered_as
FROM enrolment_labels l LEFT JOIN enrolments e ON e.label = l.label
WHERE l.code_hash = %(hash)s FOR UPDATE OF l

-- set_label --
UPDATE enrolment_labels SET state = %(state)s WHERE label = %(label)s

-- claim --
INSERT INTO enrolments (kind, label, estate, profile, make, model, serial, firmware)
VALUES ('claim', %(label)s, %(estate)s, %(profile)s, %(make)s, %(model)s, %(serial)s, %(firmware)s)
ON CONFLICT (label) WHERE kind = 'claim' DO UPDATE SET last_seen = now(), count = enrolments.count + 1,
    firmware = coalesce(excluded.firmware, enrolments.firmware)

-- label_read --
-- A label by its code or its name, and what was registered by it.
SELECT l.label, l.estate, l.profile, l.make, l.model, l.serial, l.state, e.registered_as
FROM enrolment_labels l JOIN places p ON p.code = l.estate LEFT JOIN enrolments e ON e.label = l.label AND e.state = 'approved'
WHERE (l.code_hash = %(hash)s OR l.label = %(label)s)
  AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])
FOR UPDATE OF l

-- scanned --
-- Somebody holds the label in the hand: the device need not have asked yet.
INSERT INTO enrolments (kind, label, estate, profile, make, model, serial)
VALUES ('claim', %(label)s, %(estate)s, %(profile)s, %(make)s, %(model)s, %(serial)s)
ON CONFLICT (label) WHERE kind = 'claim' DO UPDATE SET serial = coalesce(enrolments.serial, excluded.serial)
RETURNING id

-- enrolments --
SELECT jsonb_build_object('id', e.id, 'kind', e.kind, 'state', e.state, 'device', e.device, 'estate', e.estate,
    'topic', e.topic, 'profile', e.profile, 'make', e.make, 'model', e.model, 'serial', e.serial,
    'firmware', e.firmware, 'first_seen', e.first_seen, 'last_seen', e.last_seen, 'count', e.count,
    'sample', e.sample, 'decided_at', e.decided_at, 'decided_by', e.decided_by, 'reason', e.reason,
    'registered_as', e.registered_as, 'label', e.label, 'dialect', e.dialect, 'foreign_name', e.foreign_name) AS body,
    e.id, e.kind, e.state, e.label, e.dialect
FROM enrolments e
WHERE (%(scope)s::text IS NULL
    OR EXISTS (SELECT FROM places p WHERE p.code = e.estate AND p.path @> ARRAY[%(scope)s::text]))
  AND (%(state)s::text IS NULL OR e.state = %(state)s)
  AND (%(estate)s::text IS NULL OR e.estate = %(estate)s)
  AND (%(id)s::bigint IS NULL OR e.id = %(id)s)
  AND (%(before)s::bigint IS NULL OR e.id < %(before)s)
  -- whoever was registered by another way waits no more
  AND NOT (e.state = 'pending' AND e.dialect IS NOT NULL AND EXISTS (
      SELECT FROM devices d WHERE d.retired_at IS NULL AND d.dialect = e.dialect
        AND coalesce(d.foreign_name, d.id) = e.foreign_name AND (e.estate IS NULL OR d.estate = e.estate)))
ORDER BY e.id DESC LIMIT %(limit)s

-- lock_enrolment --
SELECT id FROM enrolments WHERE id = %(id)s FOR UPDATE

-- decide --
UPDATE enrolments SET state = %(state)s, decided_at = now(), decided_by = %(by)s, reason = %(reason)s,
    registered_as = %(device)s WHERE id = %(id)s
