-- registry_places --
SELECT code, kind, name_zh, name_en, path, outline, level, lateness_s FROM places

-- registry_devices --
SELECT id, estate, place, profile, name_zh, name_en, registered_at, offline_after_s, x, y, dialect, foreign_name,
    gateway, lifecycle
FROM devices WHERE retired_at IS NULL

-- registry_cared --
SELECT person, estate, place, since, away_until FROM personal.cared

-- put_place --
INSERT INTO places (code, kind, name_zh, name_en, path, outline, level)
VALUES (%(code)s, %(kind)s, %(name_zh)s, %(name_en)s, %(path)s, %(outline)s, %(level)s)
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en,
    path = excluded.path, outline = excluded.outline, level = excluded.level

-- put_device --
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, registered_at, offline_after_s, x, y,
                     dialect, foreign_name, gateway, model)
VALUES (%(id)s, %(estate)s, %(place)s, %(profile)s, %(name_zh)s, %(name_en)s, %(registered_at)s,
        %(offline_after_s)s, %(x)s, %(y)s, %(dialect)s, %(foreign_name)s, %(gateway)s, %(model)s)
ON CONFLICT (id) DO UPDATE SET estate = excluded.estate, place = excluded.place, profile = excluded.profile,
    name_zh = excluded.name_zh, name_en = excluded.name_en, offline_after_s = excluded.offline_after_s,
    x = excluded.x, y = excluded.y, dialect = excluded.dialect, foreign_name = excluded.foreign_name,
    gateway = coalesce(excluded.gateway, devices.gateway), model = coalesce(excluded.model, devices.model)

-- put_cared --
INSERT INTO personal.cared (person, estate, place, since, away_until)
VALUES (%(person)s, %(estate)s, %(place)s, %(since)s, %(away_until)s)
ON CONFLICT (person) DO UPDATE SET estate = excluded.estate, place = excluded.place, away_until = excluded.away_until

-- notify_registry --
SELECT pg_notify('shequ_registry', '')

-- load_memory --
SELECT estate, rule, subject, memory::text FROM engine_memory

-- recent_keys --
SELECT device, id FROM events WHERE received_at > %(since)s AND at > %(since)s - INTERVAL '40 days'
ORDER BY received_at DESC LIMIT %(limit)s

-- known_keys --
SELECT e.device, e.id FROM unnest(%(devices)s::text[], %(ids)s::text[]) AS k (device, id)
JOIN events e ON e.device = k.device AND e.id = k.id
WHERE e.at BETWEEN %(first)s AND %(last)s

-- progress --
SELECT batch, clock FROM ingest_progress WHERE worker = %(worker)s

-- put_progress --
INSERT INTO ingest_progress (worker, batch, clock, heard_at, waiting)
VALUES (%(worker)s, %(batch)s, %(clock)s, CASE WHEN %(real)s THEN now() END, %(waiting)s)
ON CONFLICT (worker) DO UPDATE SET batch = excluded.batch, clock = excluded.clock, heard_at = excluded.heard_at,
    waiting = excluded.waiting

-- copy_events --
COPY events (device, id, at, estate, type, data, flags, received_at) FROM STDIN

-- copy_quarantine --
COPY quarantine (received_at, topic, payload, size, stage, reason, detail) FROM STDIN

-- quarantine_room --
SELECT bytes, full_since FROM quarantine_room FOR UPDATE

-- take_room --
UPDATE quarantine_room SET bytes = bytes + %(bytes)s, limit_bytes = %(limit)s, folded = folded + %(folded)s,
    full_since = CASE WHEN %(full)s THEN coalesce(full_since, now()) END

-- folds --
SELECT day, topic, stage, reason FROM quarantine_folds WHERE day = ANY (%(days)s)

-- fold --
INSERT INTO quarantine_folds AS f (day, topic, stage, reason, count, bytes, digest, head, detail, first_at, last_at)
VALUES (%(day)s, %(topic)s, %(stage)s, %(reason)s, %(count)s, %(bytes)s, %(digest)s, %(head)s, %(detail)s, %(first_at)s, %(last_at)s)
ON CONFLICT (day, topic, stage, reason) DO UPDATE SET count = f.count + excluded.count, bytes = f.bytes + excluded.bytes,
    digest = f.digest + excluded.digest, last_at = greatest(f.last_at, excluded.last_at)

-- asked_again --
SELECT id, topic, payload, received_at FROM quarantine WHERE asked_at IS NOT NULL ORDER BY id LIMIT %(limit)s

-- read_again --
UPDATE quarantine SET asked_at = NULL, read_at = now() WHERE id = ANY (%(ids)s)

-- set_aside_again --
UPDATE quarantine SET asked_at = NULL, stage = %(stage)s, reason = %(reason)s, detail = %(detail)s WHERE id = %(id)s

-- quarantined_before --
-- Messages that the broker sends again may lie in quarantine already.
SELECT k.n FROM unnest(%(numbers)s::int[], %(topics)s::text[], %(payloads)s::bytea[]) AS k (n, topic, payload)
WHERE EXISTS (SELECT 1 FROM quarantine q WHERE q.topic = k.topic AND q.payload = k.payload
              AND q.received_at > now() - INTERVAL '2 days')

-- set_online --
UPDATE devices SET online = %(online)s WHERE id = %(device)s AND online IS DISTINCT FROM %(online)s

-- put_status --
INSERT INTO device_status (at, device, online, source) VALUES (%(at)s, %(device)s, %(online)s, %(source)s)

-- save_memory --
INSERT INTO engine_journal (changes) VALUES (%(changes)s) RETURNING number

-- lock_fold --
SELECT pg_advisory_xact_lock(hashtext('shequ_engine_fold'))

-- count_journal --
SELECT count(*) FROM engine_journal WHERE number = ANY (%(rows)s::bigint[])

-- fold_words --
WITH taken AS (
    DELETE FROM engine_journal WHERE number = ANY (%(rows)s::bigint[])
), newest AS (
    SELECT * FROM jsonb_to_recordset(%(words)s::jsonb) AS r (estate text, rule text, subject text, memory jsonb)
), gone AS (
    DELETE FROM engine_state s USING newest n
    WHERE n.memory IS NULL AND s.estate = n.estate AND s.rule = n.rule AND s.subject = n.subject
)
INSERT INTO engine_state (estate, rule, subject, memory)
SELECT * FROM newest WHERE memory IS NOT NULL
ON CONFLICT (estate, rule, subject) DO UPDATE SET memory = excluded.memory

-- read_journal --
SELECT number, changes FROM engine_journal ORDER BY number

-- save_timers --
INSERT INTO timers (kind, subject, due_at)
SELECT 'rule', * FROM unnest(%(subjects)s::text[], %(dues)s::timestamptz[])
ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at, version = timers.version + 1

-- forget_timers --
DELETE FROM timers WHERE kind = 'rule' AND subject = ANY (%(subjects)s::text[])

-- reopen_alert --
-- An alert that ended by itself a moment ago goes on, instead of a second one of the same trouble.
UPDATE alerts SET state = 'open', ended_at = NULL, cleared_at = NULL, version = version + 1
WHERE id = (SELECT id FROM alerts WHERE fingerprint = %(fingerprint)s AND state = 'auto_cleared'
            AND last_seen <= %(at)s AND cleared_at >= %(at)s::timestamptz - %(within)s::interval
            ORDER BY id DESC LIMIT 1)
  AND NOT EXISTS (SELECT FROM alerts o WHERE o.fingerprint = %(fingerprint)s AND o.ended_at IS NULL)

-- raise_alert --
-- One open alert per fingerprint. A graver signal reopens what somebody had acknowledged; a signal that
-- nothing holds back shows what had been suppressed; one that is held back hides nothing that is shown.
INSERT INTO alerts AS a (fingerprint, rule, rule_version, code, severity, estate, place, subject, device, reason, explain,
                         first_seen, last_seen, hit_count, late_by_s, state, group_key, confidence, drill,
                         hush_reason, hushed_by, muted_until, trace)
VALUES (%(fingerprint)s, %(rule)s, %(rule_version)s, %(code)s, %(severity)s, %(estate)s, %(place)s, %(subject)s, %(device)s,
        %(reason)s, %(explain)s, %(at)s, %(at)s, %(hits)s, %(late_by_s)s,
        CASE WHEN %(hush_reason)s::text IS NULL THEN 'open' ELSE 'suppressed' END, %(group_key)s, %(confidence)s,
        %(drill)s, %(hush_reason)s, %(hushed_by)s, %(muted_until)s, %(trace)s)
ON CONFLICT (fingerprint) WHERE ended_at IS NULL DO UPDATE SET
    first_seen = least(a.first_seen, excluded.first_seen),
    last_seen = greatest(a.last_seen, excluded.last_seen),
    hit_count = a.hit_count + excluded.hit_count,
    severity = least(a.severity, excluded.severity),
    state = CASE WHEN a.state = 'acknowledged' AND excluded.severity < a.severity THEN 'open'
                 WHEN a.state = 'suppressed' AND excluded.hush_reason IS NULL THEN 'open' ELSE a.state END,
    hush_reason = CASE WHEN excluded.hush_reason IS NULL OR a.state = 'suppressed' THEN excluded.hush_reason END,
    hushed_by = CASE WHEN excluded.hush_reason IS NULL OR a.state = 'suppressed' THEN excluded.hushed_by END,
    muted_until = excluded.muted_until,
    confidence = greatest(a.confidence, excluded.confidence),
    acked_at = CASE WHEN a.state = 'acknowledged' AND excluded.severity < a.severity THEN NULL ELSE a.acked_at END,
    acked_by = CASE WHEN a.state = 'acknowledged' AND excluded.severity < a.severity THEN NULL ELSE a.acked_by END,
    reason = CASE WHEN excluded.severity < a.severity THEN excluded.reason ELSE a.reason END,
    explain = CASE WHEN excluded.severity < a.severity THEN excluded.explain ELSE a.explain END,
    cleared_at = NULL,
    version = a.version + 1
RETURNING id, state, xmax = 0 AS fresh

-- add_occurrence --
INSERT INTO alert_occurrences (alert_id, at, verb, reason, times, late_by_s, evidence, trail)
VALUES (%(alert_id)s, %(at)s, %(verb)s, %(reason)s, %(times)s, %(late_by_s)s, %(evidence)s, %(trail)s)

-- raise_confidence --
-- Further devices make every alert of the group more certain.
UPDATE alerts SET confidence = %(confidence)s, version = version + 1
WHERE group_key = %(group_key)s AND ended_at IS NULL AND confidence < %(confidence)s
RETURNING id

-- hold_back --
-- What followed from a greater trouble before that was known: not on the list any more. Never what is about life.
-- A gateway takes what speaks through it, and of its building the devices that name no gateway.
WITH RECURSIVE behind AS (
    SELECT id FROM devices WHERE gateway = %(device)s
    UNION
    SELECT d.id FROM devices d JOIN behind b ON d.gateway = b.id
)
UPDATE alerts SET state = 'suppressed', hush_reason = 'inhibited', hushed_by = %(holder)s, version = version + 1
WHERE estate = %(estate)s AND code = ANY (%(codes)s) AND state = 'open' AND severity > 1 AND ended_at IS NULL
  AND fingerprint <> %(holder)s AND first_seen > %(at)s::timestamptz - INTERVAL '15 minutes'
  AND (device IN (SELECT id FROM behind)
       OR place IN (SELECT code FROM places WHERE path @> ARRAY[%(building)s::text])
          AND NOT (%(by_gateway)s AND EXISTS (SELECT FROM devices d WHERE d.id = device AND d.gateway IS NOT NULL)))
RETURNING id

-- release --
-- What held them back is over: those that still stand are shown.
WITH shown AS (
    UPDATE alerts SET state = 'open', hush_reason = NULL, hushed_by = NULL, version = version + 1
    WHERE hushed_by = %(holder)s AND state = 'suppressed' AND ended_at IS NULL AND cleared_at IS NULL
    RETURNING id
), told AS (
    INSERT INTO alert_log (alert_id, action, actor, from_state, to_state, reason, detail)
    SELECT id, 'release', 'system', 'suppressed', 'open', 'released', jsonb_build_object('held_by', %(holder)s::text) FROM shown
)
SELECT id FROM shown

-- release_expired --
-- The time of a mute or a silence is over: what still stands is shown. The rows themselves are the timers.
WITH due AS (
    SELECT a.id, coalesce(a.hushed_by, 'flapping') AS held_by FROM alerts a
    WHERE a.ended_at IS NULL AND a.state = 'suppressed' AND a.cleared_at IS NULL
      AND ((a.hush_reason = 'flapping' AND a.muted_until <= %(clock)s)
           OR (a.hushed_by LIKE 'hush:%%' AND NOT EXISTS (
               SELECT FROM hushes h WHERE h.id = substr(a.hushed_by, 6)::bigint
                 AND least(h.ends_at, h.ended_at) > %(clock)s)))
), shown AS (
    UPDATE alerts a SET state = 'open', hush_reason = NULL, hushed_by = NULL, muted_until = NULL, version = a.version + 1
    FROM due WHERE a.id = due.id
    RETURNING a.id, due.held_by
), told AS (
    INSERT INTO alert_log (alert_id, action, actor, from_state, to_state, reason, detail)
    SELECT id, 'release', 'system', 'suppressed', 'open', 'released', jsonb_build_object('held_by', held_by) FROM shown
)
SELECT id FROM shown

-- hushes --
SELECT id, kind, scope, codes, life_safety, author, reason, starts_at, least(ends_at, ended_at) AS ends_at
FROM hushes WHERE ends_at > now() - INTERVAL '2 days' AND (ended_at IS NULL OR ended_at > starts_at) ORDER BY id

-- put_hush --
INSERT INTO hushes (kind, scope, codes, life_safety, author, reason, starts_at, ends_at)
VALUES (%(kind)s, %(scope)s, %(codes)s, %(life_safety)s, %(author)s, %(reason)s, %(starts_at)s, %(ends_at)s)
RETURNING id

-- put_lateness --
UPDATE places SET lateness_s = %(seconds)s WHERE code = %(estate)s

-- end_hush --
UPDATE hushes SET ended_at = now(), ended_by = %(by)s, ended_reason = %(reason)s
WHERE id = %(id)s AND ended_at IS NULL AND ends_at > now()
RETURNING id

-- overrides --
SELECT rule, scope, param, value, author, reason, at FROM rule_overrides ORDER BY rule, scope, param

-- put_override --
INSERT INTO rule_overrides (rule, scope, param, value, author, reason)
VALUES (%(rule)s, %(scope)s, %(param)s, %(value)s, %(author)s, %(reason)s)
ON CONFLICT (rule, scope, param) DO UPDATE SET value = excluded.value, author = excluded.author,
    reason = excluded.reason, at = now()

-- drop_override --
DELETE FROM rule_overrides WHERE rule = %(rule)s AND scope = %(scope)s AND param = %(param)s

-- hit_alert --
UPDATE alerts SET last_seen = greatest(last_seen, %(at)s), hit_count = hit_count + %(hits)s, cleared_at = NULL,
    version = version + 1
WHERE fingerprint = %(fingerprint)s AND ended_at IS NULL
RETURNING id, state, false AS fresh

-- clear_alert --
-- An alert that became an incident stays until the incident is closed.
UPDATE alerts SET cleared_at = %(at)s, version = version + 1,
    state = CASE WHEN %(ends)s AND incident_id IS NULL THEN 'auto_cleared' ELSE state END,
    ended_at = CASE WHEN %(ends)s AND incident_id IS NULL THEN now() END
WHERE fingerprint = %(fingerprint)s AND ended_at IS NULL AND cleared_at IS NULL
RETURNING id, state, false AS fresh

-- log_alert --
INSERT INTO alert_log (alert_id, action, actor, from_state, to_state, reason, detail)
VALUES (%(alert_id)s, %(action)s, %(actor)s, %(from_state)s, %(to_state)s, %(reason)s, %(detail)s)

-- add_evidence --
INSERT INTO alert_evidence (alert_id, device, event_id, at)
SELECT %(alert_id)s, %(device)s, %(event_id)s, %(at)s
WHERE (SELECT count(*) FROM alert_evidence WHERE alert_id = %(alert_id)s) < %(most)s
ON CONFLICT DO NOTHING

-- lock_feed --
-- Numbers must appear in the order of their commits, or a reader that resumes would miss one.
SELECT pg_advisory_xact_lock(hashtext('shequ_feed'))

-- feed_alerts --
INSERT INTO feed (kind, ref, estate, body)
SELECT 'alert', id::text, estate, body FROM alert_wire WHERE id = ANY (%(ids)s) ORDER BY id
RETURNING seq

-- feed_devices --
INSERT INTO feed (kind, ref, estate, body)
SELECT 'device', id, estate, body FROM device_wire WHERE id = ANY (%(ids)s) ORDER BY id
RETURNING seq

-- notify_feed --
SELECT pg_notify('shequ_feed', %(seq)s::text)

-- claim_estates --
-- Two ingest processes with one worker name would both judge: the second must wait.
SELECT pg_try_advisory_lock(hashtext('shequ_ingest'), hashtext(%(worker)s))
