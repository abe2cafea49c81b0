-- channels --
-- Every way out with its health: what waits for it, its last success, its failures of the last hour.
SELECT jsonb_build_object('code', e.code, 'channel', e.channel, 'driver', e.driver, 'name_zh', e.name_zh, 'name_en', e.name_en,
    'place', e.place, 'party', e.party, 'language', e.language, 'settings', e.settings, 'concurrency', e.concurrency,
    'rate_per_s', e.rate_per_s, 'timeout_s', e.timeout_s, 'enabled', e.enabled, 'version', e.version, 'problem', e.problem,
    'queued', q.n, 'oldest_s', q.oldest_s, 'dead', q.dead, 'last_success', h.last_success, 'tries_1h', h.tries, 'failures_1h', h.failures,
    'last_test', t.body) AS body,
    e.code, e.channel, q.n AS queued, q.oldest_s, q.dead, h.tries, h.failures, extract(epoch FROM h.last_at)::float8 AS last_success_s,
    e.enabled, e.problem
FROM endpoints e
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.state = 'queued') AS n, count(*) FILTER (WHERE o.state = 'failed') AS dead,
        extract(epoch FROM now() - min(o.created_at) FILTER (WHERE o.state = 'queued' AND o.due_at <= now()))::float8 AS oldest_s
    FROM outbox o WHERE o.state IN ('queued', 'failed') AND o.channel = e.channel
      AND CASE WHEN o.state = 'failed' THEN coalesce(o.endpoint, o.to_whom) = e.code
          ELSE (NOT e.channel = ANY(%(direct)s) OR o.to_whom = e.code) AND coalesce(o.body->>'endpoint', e.code) = e.code END
) q
CROSS JOIN LATERAL (
    SELECT max(r.at) FILTER (WHERE r.state IN ('sent', 'delivered', 'read')) AS last_at,
        to_jsonb(max(r.at) FILTER (WHERE r.state IN ('sent', 'delivered', 'read'))) #>> '{}' AS last_success,
        count(*) FILTER (WHERE r.at > now() - INTERVAL '1 hour' AND r.state IN ('sent', 'attempt', 'failed')) AS tries,
        count(*) FILTER (WHERE r.at > now() - INTERVAL '1 hour' AND r.state IN ('attempt', 'failed')) AS failures
    FROM receipts r WHERE r.actor = e.code AND r.at > now() - INTERVAL '30 days'
) h
LEFT JOIN LATERAL (
    SELECT jsonb_build_object('id', c.id, 'state', c.state, 'asked_at', c.asked_at, 'due_at', c.due_at, 'answered_at', c.answered_at,
        'answered_by', c.answered_by) AS body
    FROM channel_tests c WHERE c.endpoint = e.code ORDER BY c.id DESC LIMIT 1
) t ON true
LEFT JOIN places p ON p.code = e.place
WHERE (%(scope)s::text IS NULL OR e.place IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(code)s::text IS NULL OR e.code = %(code)s)
ORDER BY e.channel, e.code

-- add_endpoint --
INSERT INTO endpoints (code, channel, driver, name_zh, name_en, place, party, language, settings, concurrency, rate_per_s, timeout_s, enabled)
VALUES (%(code)s, %(channel)s, %(driver)s, %(name_zh)s, %(name_en)s, %(place)s, %(party)s, %(language)s, %(settings)s, %(concurrency)s,
    %(rate_per_s)s, %(timeout_s)s, %(enabled)s)
ON CONFLICT (code) DO NOTHING RETURNING code

-- change_endpoint --
UPDATE endpoints SET channel = %(channel)s, driver = %(driver)s, name_zh = %(name_zh)s, name_en = %(name_en)s, place = %(place)s,
    party = %(party)s, language = %(language)s, settings = %(settings)s, concurrency = %(concurrency)s, rate_per_s = %(rate_per_s)s,
    timeout_s = %(timeout_s)s, enabled = %(enabled)s, version = version + 1, problem = NULL
WHERE code = %(code)s AND version = %(version)s RETURNING code

-- endpoint --
SELECT e.code, e.channel, e.driver, e.settings, e.enabled, e.version FROM endpoints e LEFT JOIN places p ON p.code = e.place
WHERE e.code = %(code)s AND (%(scope)s::text IS NULL OR e.place IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- notify_endpoints --
SELECT pg_notify('shequ_endpoints', '')

-- letters --
-- Letters, newest first; a phone number or an address is shown with its middle hidden.
SELECT o.id, jsonb_build_object('id', o.id, 'key', o.key, 'channel', o.channel, 'party', o.party, 'state', o.state,
    'to', CASE WHEN o.channel IN ('sms', 'voice', 'email') AND length(o.to_whom) > 6
        THEN left(o.to_whom, 3) || '****' || right(o.to_whom, 4) ELSE o.to_whom END,
    'person', o.person, 'person_name', n.name, 'severity', o.severity, 'drill', o.drill, 'estate', o.estate,
    'incident_id', o.incident_id, 'alert_id', o.alert_id, 'template', o.body->>'template',
    'text', left(coalesce(o.body->>'text', o.body->'move'->>'action', ''), 500),
    'endpoint', o.endpoint, 'attempts', o.attempts, 'last_error', o.last_error, 'created_at', o.created_at,
    'due_at', o.due_at, 'sent_at', o.sent_at, 'expires_at', o.expires_at) AS body
FROM outbox o LEFT JOIN places p ON p.code = o.estate LEFT JOIN people n ON n.id = o.person
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) AND o.channel <> 'canary'
  AND (%(id)s::bigint IS NULL OR o.id = %(id)s)
  AND (%(state)s::text IS NULL OR o.state = %(state)s OR (%(state)s = 'dead' AND o.state = 'failed'))
  AND (%(channel)s::text IS NULL OR o.channel = %(channel)s)
  AND (%(endpoint)s::text IS NULL OR o.endpoint = %(endpoint)s)
  AND (%(incident_id)s::bigint IS NULL OR o.incident_id = %(incident_id)s
      OR o.alert_id IN (SELECT a.id FROM alerts a WHERE a.incident_id = %(incident_id)s))
  AND (%(before)s::bigint IS NULL OR o.id < %(before)s)
ORDER BY o.id DESC LIMIT %(limit)s

-- receipts --
SELECT jsonb_build_object('at', r.at, 'state', r.state, 'reason', r.reason, 'actor', r.actor, 'attempt', r.attempt) AS body
FROM receipts r WHERE r.letter = %(id)s ORDER BY r.id

-- lock_letter --
SELECT o.id, o.state, o.expires_at - o.created_at AS span FROM outbox o LEFT JOIN places p ON p.code = o.estate
WHERE o.id = %(id)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) FOR UPDATE OF o

-- retry_letter --
WITH again AS (
    UPDATE outbox SET state = 'queued', due_at = now(), attempts = 0, leased_until = NULL, last_error = NULL,
        expires_at = greatest(expires_at, now() + least(%(span)s::interval, INTERVAL '1 day'))
    WHERE id = %(id)s
)
INSERT INTO receipts (letter, state, reason, actor) VALUES (%(id)s, 'queued', %(reason)s, %(actor)s)

-- discard_letter --
WITH gone AS (UPDATE outbox SET state = 'cancelled' WHERE id = %(id)s)
INSERT INTO receipts (letter, state, reason, actor) VALUES (%(id)s, 'cancelled', %(reason)s, %(actor)s)

-- tests --
SELECT t.id, jsonb_build_object('id', t.id, 'endpoint', t.endpoint, 'channel', e.channel, 'name_zh', e.name_zh, 'name_en', e.name_en,
    'state', t.state, 'person', t.person, 'asked_at', t.asked_at, 'asked_by', t.asked_by, 'due_at', t.due_at,
    'answered_at', t.answered_at, 'answered_by', t.answered_by, 'letter', t.letter, 'letter_state', o.state, 'problem', o.last_error) AS body
FROM channel_tests t JOIN endpoints e ON e.code = t.endpoint LEFT JOIN outbox o ON o.id = t.letter LEFT JOIN places p ON p.code = e.place
WHERE (%(scope)s::text IS NULL OR e.place IS NULL OR p.path @> ARRAY[%(scope)s::text])
  AND (%(id)s::bigint IS NULL OR t.id = %(id)s)
  AND (%(before)s::bigint IS NULL OR t.id < %(before)s)
ORDER BY t.id DESC LIMIT %(limit)s

-- test_plans --
SELECT jsonb_build_object('id', t.id, 'endpoint', t.endpoint, 'to', t.to_whom, 'person', t.person, 'every_s', t.every_s,
    'window_s', t.window_s, 'next_at', t.next_at, 'enabled', t.enabled, 'by', t.by_whom) AS body
FROM channel_test_plans t JOIN endpoints e ON e.code = t.endpoint LEFT JOIN places p ON p.code = e.place
WHERE (%(scope)s::text IS NULL OR e.place IS NULL OR p.path @> ARRAY[%(scope)s::text]) ORDER BY t.id

-- add_test_plan --
INSERT INTO channel_test_plans (endpoint, to_whom, person, every_s, window_s, by_whom)
VALUES (%(endpoint)s, %(to)s, %(person)s, %(every_s)s, %(window_s)s, %(by)s) RETURNING id

-- drop_test_plan --
DELETE FROM channel_test_plans WHERE id = %(id)s RETURNING endpoint

-- answer_test --
UPDATE channel_tests SET state = 'answered', answered_at = now(), answered_by = %(by)s
WHERE token_hash = %(token_hash)s AND state = 'waiting' AND due_at > now() RETURNING id, endpoint

-- test_by_token --
SELECT t.state, t.due_at > now() AS open, e.name_zh, e.name_en FROM channel_tests t JOIN endpoints e ON e.code = t.endpoint
WHERE t.token_hash = %(token_hash)s

-- visible_person --
SELECT n.id FROM people n JOIN places p ON p.code = n.place
WHERE n.id = %(person)s AND (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text])

-- contacts --
SELECT jsonb_build_object('channel', c.channel, 'address', f.shown, 'worst', c.worst, 'quiet_from', c.quiet_from, 'quiet_to', c.quiet_to,
    'language', c.language, 'enabled', c.enabled) AS body
FROM contacts c LEFT JOIN personal.fields f ON f.subject = 'person:' || c.person AND f.field = 'contact.' || c.channel
WHERE c.person = %(person)s ORDER BY c.channel

-- put_contact --
INSERT INTO contacts (person, channel, worst, quiet_from, quiet_to, language, enabled)
VALUES (%(person)s, %(channel)s, %(worst)s, %(quiet_from)s, %(quiet_to)s, %(language)s, %(enabled)s)
ON CONFLICT (person, channel) DO UPDATE SET worst = excluded.worst, quiet_from = excluded.quiet_from,
    quiet_to = excluded.quiet_to, language = excluded.language, enabled = excluded.enabled

-- cap_feed --
SELECT c.identifier, c.msg_type, c.subject, c.sent, c.reference, c.letter FROM cap_alerts c
WHERE c.feed = %(feed)s ORDER BY c.id DESC LIMIT 100

-- cap_alert --
SELECT c.xml, c.letter FROM cap_alerts c WHERE c.feed = %(feed)s AND c.identifier = %(identifier)s

-- cap_pulled --
UPDATE cap_alerts SET pulled_at = now() WHERE letter = %(letter)s AND pulled_at IS NULL RETURNING identifier

-- cascade_links --
SELECT jsonb_build_object('code', e.code, 'name_zh', e.name_zh, 'name_en', e.name_en, 'direction', e.settings->>'direction',
    'url', e.settings->>'url', 'enabled', e.enabled, 'problem', e.problem, 'queued', q.n, 'oldest_s', q.oldest_s,
    'last_error', q.last_error, 'cases', c.n, 'mirrored', c.mirrored, 'last_received', c.last_received) AS body
FROM endpoints e
CROSS JOIN LATERAL (
    SELECT count(*) AS n, extract(epoch FROM now() - min(o.created_at))::float8 AS oldest_s, max(o.last_error) AS last_error
    FROM outbox o WHERE o.channel = 'cascade' AND o.to_whom = e.code AND o.state = 'queued'
) q
CROSS JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE k.mirrored) AS mirrored,
        (SELECT to_jsonb(max(m.received_at)) #>> '{}' FROM cascade_moves m WHERE m.link = e.code) AS last_received
    FROM cascade_cases k WHERE k.link = e.code
) c
LEFT JOIN places p ON p.code = e.place
WHERE e.channel = 'cascade' AND (%(scope)s::text IS NULL OR e.place IS NULL OR p.path @> ARRAY[%(scope)s::text])
ORDER BY e.code

-- missed_tests --
-- Channels whose newest test nobody answered.
SELECT e.code, coalesce((SELECT t.state = 'missed' FROM channel_tests t WHERE t.endpoint = e.code ORDER BY t.id DESC LIMIT 1), false)::int AS missed
FROM endpoints e WHERE e.enabled
