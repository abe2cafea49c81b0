-- knock --
-- A device nobody knows spoke: it waits in the list of enrolments instead of being lost.
INSERT INTO enrolments (kind, device, estate, topic, profile, sample, first_seen, last_seen, count)
SELECT 'knock', %(device)s, %(estate)s, %(topic)s, %(profile)s, %(sample)s, %(at)s, %(at)s, %(count)s
WHERE (SELECT count(*) FROM enrolments WHERE kind = 'knock' AND state = 'pending') < 10000
ON CONFLICT (estate, device) WHERE kind = 'knock' DO UPDATE SET last_seen = excluded.last_seen, topic = excluded.topic,
    profile = coalesce(excluded.profile, enrolments.profile), sample = excluded.sample,
    count = enrolments.count + excluded.count

-- stranger --
-- A device of another make that nobody has registered: found on its bridge's list, or heard under a foreign name.
INSERT INTO enrolments (kind, estate, dialect, foreign_name, topic, profile, make, model, sample, first_seen, last_seen)
SELECT %(kind)s, %(estate)s, %(dialect)s, %(name)s, %(topic)s, %(profile)s, %(make)s, %(model)s, %(sample)s, %(at)s, %(at)s
WHERE (SELECT count(*) FROM enrolments WHERE dialect IS NOT NULL AND state = 'pending') < 10000
ON CONFLICT (coalesce(estate, ''), dialect, foreign_name) WHERE dialect IS NOT NULL DO UPDATE
SET last_seen = excluded.last_seen, topic = excluded.topic, sample = excluded.sample, count = enrolments.count + 1,
    profile = coalesce(excluded.profile, enrolments.profile), make = coalesce(excluded.make, enrolments.make),
    model = coalesce(excluded.model, enrolments.model)

-- tell_registry --
SELECT pg_notify('shequ_registry', '')

-- count_duplicates --
INSERT INTO device_counts (device, day, duplicates) VALUES (%(device)s, now()::date, %(count)s)
ON CONFLICT (device, day) DO UPDATE SET duplicates = device_counts.duplicates + excluded.duplicates

-- first_word --
-- The first word of a device makes it active.
WITH moved AS (
    UPDATE devices SET lifecycle = 'active', version = version + 1
    WHERE id = ANY (%(devices)s) AND lifecycle = 'provisioned' RETURNING id
)
INSERT INTO device_history (device, action, actor, from_state, to_state, reason)
SELECT id, 'activate', 'device', 'provisioned', 'active', 'first word' FROM moved RETURNING device
