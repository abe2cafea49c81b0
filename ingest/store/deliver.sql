-- endpoints --
SELECT code, channel, driver, settings, party, language, concurrency, rate_per_s, timeout_s, version
FROM endpoints WHERE enabled ORDER BY code

-- endpoint_problem --
UPDATE endpoints SET problem = %(problem)s WHERE code = %(code)s AND problem IS DISTINCT FROM %(problem)s

-- claim --
-- Take letters for one endpoint; a lease that ran out is a sender that fell. `ordered`: one case's letters in their order.
WITH due AS (
    SELECT o.id FROM outbox o
    WHERE o.state = 'queued' AND o.channel = %(channel)s AND o.due_at <= now() AND o.expires_at > now()
      AND (o.leased_until IS NULL OR o.leased_until < now())
      AND (NOT %(direct)s OR o.to_whom = %(endpoint)s)
      AND coalesce(o.body->>'endpoint', %(endpoint)s) = %(endpoint)s
      AND (NOT %(ordered)s OR NOT EXISTS (
          SELECT FROM outbox e WHERE e.state = 'queued' AND e.channel = o.channel AND e.to_whom = o.to_whom
            AND e.incident_id IS NOT DISTINCT FROM o.incident_id AND e.id < o.id))
    ORDER BY o.severity, o.due_at, o.id
    LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE outbox o SET leased_until = now() + %(lease_s)s * INTERVAL '1 second', attempts = o.attempts + 1, endpoint = %(endpoint)s
FROM due WHERE o.id = due.id
RETURNING o.id, o.key, o.channel, o.to_whom, o.party, o.body, o.severity, o.estate, o.incident_id, o.alert_id, o.person,
    o.drill, o.attempts, o.created_at, o.expires_at, o.trace, now() AS now

-- recipient --
-- `hours`: the kinds of shifts that hold now, their own and those they stand in for.
SELECT p.active, p.roles,
    (SELECT coalesce(array_agg(DISTINCT r.kind), '{}') FROM rosters r
        LEFT JOIN leaves l ON l.person = r.person AND l.cancelled_at IS NULL AND l.starts <= now() AND l.ends > now()
        WHERE r.cancelled_at IS NULL AND r.starts <= now() AND r.ends > now()
          AND ((r.person = p.id AND l.id IS NULL) OR l.stand_in = p.id)) AS hours,
    EXISTS (SELECT FROM leaves l WHERE l.person = p.id AND l.cancelled_at IS NULL AND l.starts <= now() AND l.ends > now()) AS away,
    EXISTS (SELECT FROM rosters r WHERE r.person = p.id AND r.cancelled_at IS NULL
        AND r.ends > now() - INTERVAL '30 days' AND r.starts < now() + INTERVAL '30 days') AS planned,
    coalesce(c.language, 'zh') AS language, coalesce(c.enabled, true) AS enabled, coalesce(c.worst, 4) AS worst, c.quiet_from, c.quiet_to
FROM people p LEFT JOIN contacts c ON c.person = p.id AND c.channel = %(channel)s
WHERE p.id = %(person)s

-- facts --
-- What a message says of its alert or case; the place itself is for those who must find the door (wording.py).
SELECT f.code, f.severity, f.case_code, f.at, f.state, e.name_zh AS estate_zh, e.name_en AS estate_en,
    b.name_zh AS building_zh, b.name_en AS building_en, p.name_zh AS place_zh, p.name_en AS place_en
FROM (
    SELECT i.code, i.severity, i.case_code, i.opened_at AS at, i.state, i.estate, i.place FROM incidents i WHERE i.id = %(incident_id)s
    UNION ALL
    SELECT a.code, a.severity, NULL, a.first_seen, a.state, a.estate, a.place FROM alerts a
    WHERE a.id = %(alert_id)s AND %(incident_id)s::bigint IS NULL
) f
JOIN places e ON e.code = f.estate
JOIN places p ON p.code = f.place
LEFT JOIN places b ON b.code = ANY(p.path) AND b.kind = 'building'
LIMIT 1

-- sent --
WITH done AS (
    UPDATE outbox SET state = CASE WHEN state = 'queued' THEN %(state)s ELSE state END, sent_at = coalesce(sent_at, clock_timestamp()),
        remote_id = coalesce(%(remote_id)s, remote_id), leased_until = NULL, last_error = NULL, endpoint = %(endpoint)s
    WHERE id = %(id)s
)
INSERT INTO receipts (letter, state, actor, attempt, detail)
SELECT %(id)s, step.state, %(endpoint)s, %(attempt)s, %(detail)s
FROM unnest(%(steps)s::text[]) WITH ORDINALITY AS step (state, n) ORDER BY step.n

-- try_again --
WITH kept AS (
    UPDATE outbox SET due_at = %(due_at)s, leased_until = NULL, last_error = %(reason)s,
        attempts = attempts - CASE WHEN %(counts)s THEN 0 ELSE 1 END
    WHERE id = %(id)s AND state = 'queued'
)
INSERT INTO receipts (letter, state, reason, actor, attempt)
VALUES (%(id)s, CASE WHEN %(counts)s THEN 'attempt' ELSE 'queued' END, %(reason)s, %(endpoint)s, %(attempt)s)

-- give_up --
-- failed or withheld; a letter cancelled meanwhile stays so.
WITH over AS (
    UPDATE outbox SET state = %(state)s, leased_until = NULL, last_error = %(reason)s WHERE id = %(id)s AND state = 'queued' RETURNING id
)
INSERT INTO receipts (letter, state, reason, actor, attempt) SELECT id, %(state)s, %(reason)s, %(endpoint)s, %(attempt)s FROM over

-- expire --
-- Out of time: tried and not taken is a dead letter, never tried has expired.
WITH late AS (
    UPDATE outbox SET state = CASE WHEN attempts > 0 THEN 'failed' ELSE 'expired' END, leased_until = NULL
    WHERE state = 'queued' AND expires_at <= now() AND (leased_until IS NULL OR leased_until < now())
    RETURNING id, state, attempts
), noted AS (
    INSERT INTO receipts (letter, state, reason, actor, attempt) SELECT id, state, 'out_of_time', 'deliver', attempts FROM late
)
SELECT id FROM late

-- unroutable --
-- Letters that no enabled endpoint will ever take are dead letters at once, not silence.
WITH lost AS (
    UPDATE outbox o SET state = 'failed', last_error = 'not_configured'
    WHERE o.state = 'queued' AND o.channel <> 'canary' AND o.created_at < now() - INTERVAL '10 seconds' AND NOT EXISTS (
        SELECT FROM endpoints e WHERE e.enabled AND e.channel = o.channel AND (NOT o.channel = ANY(%(direct)s) OR e.code = o.to_whom))
    RETURNING o.id
), noted AS (
    INSERT INTO receipts (letter, state, reason, actor) SELECT id, 'failed', 'not_configured', 'deliver' FROM lost
)
SELECT id FROM lost

-- canaries --
-- A canary's letter goes to nobody: that the sender took it from the outbox is what is to be shown.
WITH taken AS (
    UPDATE outbox SET state = 'delivered', sent_at = clock_timestamp(), endpoint = 'canary'
    WHERE channel = 'canary' AND state = 'queued' RETURNING estate
)
UPDATE canaries c SET told_at = clock_timestamp() FROM taken t WHERE c.estate = t.estate AND c.told_at IS NULL

-- receipt --
-- What the endpoint says later; a letter only moves on along sent, delivered, read, or fails.
WITH found AS (
    SELECT id, state, attempts FROM outbox
    WHERE endpoint = %(endpoint)s AND (remote_id = %(remote_id)s OR key = %(key)s) ORDER BY id DESC LIMIT 1 FOR UPDATE
), moved AS (
    UPDATE outbox o SET state = %(state)s,
        last_error = CASE WHEN %(state)s = 'failed' THEN %(reason)s ELSE o.last_error END
    FROM found f
    WHERE o.id = f.id AND ((%(state)s = 'delivered' AND f.state IN ('queued', 'sent'))
        OR (%(state)s = 'read' AND f.state IN ('queued', 'sent', 'delivered')) OR (%(state)s = 'failed' AND f.state = 'sent'))
), noted AS (
    INSERT INTO receipts (letter, state, reason, actor, attempt, detail)
    SELECT id, %(state)s, %(reason)s, %(endpoint)s, attempts, %(detail)s FROM found
    WHERE NOT EXISTS (SELECT FROM receipts r WHERE r.letter = found.id AND r.state = %(state)s AND r.actor = %(endpoint)s
        AND r.attempt = found.attempts AND r.reason = %(reason)s)
)
SELECT id FROM found

-- order_device --
-- A letter to a device is a command of the registry, once per letter.
INSERT INTO device_commands (device, name, args, reason, asked_by, expires_at, letter)
SELECT id, %(name)s, %(args)s, %(reason)s, 'deliver', %(expires_at)s, %(letter)s FROM devices
WHERE id = %(device)s AND retired_at IS NULL AND lifecycle IN ('provisioned', 'active', 'maintenance')
ON CONFLICT (letter) DO UPDATE SET letter = excluded.letter
RETURNING id

-- notify_orders --
SELECT pg_notify('shequ_orders', '')

-- device_answers --
-- What the devices answered, or did not in time.
WITH answered AS (
    SELECT o.id, o.attempts, CASE WHEN k.state = 'done' THEN 'delivered' ELSE 'failed' END AS state,
        k.state || coalesce(': ' || (k.reply->>'reason'), '') AS reason, o.endpoint
    FROM outbox o JOIN device_commands k ON k.letter = o.id
    WHERE o.channel = 'device' AND o.state = 'sent' AND k.state IN ('done', 'refused', 'failed', 'expired')
    FOR UPDATE OF o SKIP LOCKED
), moved AS (
    UPDATE outbox o SET state = a.state, last_error = CASE WHEN a.state = 'failed' THEN a.reason END FROM answered a WHERE o.id = a.id
), noted AS (
    INSERT INTO receipts (letter, state, reason, actor, attempt)
    SELECT id, state, CASE WHEN state = 'failed' THEN reason ELSE '' END, coalesce(endpoint, 'devices'), attempts FROM answered
)
SELECT id FROM answered

-- cap_chain --
SELECT reference FROM cap_alerts WHERE feed = %(feed)s AND subject = %(subject)s AND letter <> %(letter)s ORDER BY id

-- cap_publish --
INSERT INTO cap_alerts (feed, letter, identifier, subject, msg_type, sent, reference, xml)
VALUES (%(feed)s, %(letter)s, %(identifier)s, %(subject)s, %(msg_type)s, %(sent)s, %(reference)s, %(xml)s)
ON CONFLICT (letter) DO NOTHING

-- tests_due --
SELECT p.id, p.endpoint, p.to_whom, p.person, p.window_s, p.by_whom, e.channel
FROM channel_test_plans p JOIN endpoints e ON e.code = p.endpoint
WHERE p.enabled AND e.enabled AND p.next_at <= now() ORDER BY p.id FOR UPDATE OF p SKIP LOCKED

-- test_planned --
-- The next one after now: one that fell into an outage is not made up for.
UPDATE channel_test_plans
SET next_at = next_at + (floor(extract(epoch FROM now() - next_at) / every_s) + 1) * every_s * INTERVAL '1 second'
WHERE id = %(id)s

-- begin_test --
INSERT INTO channel_tests (endpoint, plan, letter, to_whom, person, token_hash, code, asked_by, due_at)
VALUES (%(endpoint)s, %(plan)s, %(letter)s, %(to)s, %(person)s, %(token_hash)s, %(code)s, %(by)s, now() + %(window_s)s * INTERVAL '1 second')
RETURNING id

-- tests_answered --
-- A machine's receipt is its answer.
UPDATE channel_tests t SET state = 'answered', answered_at = now(), answered_by = t.endpoint
FROM outbox o JOIN endpoints e ON e.code = o.endpoint
WHERE t.letter = o.id AND t.state = 'waiting' AND t.due_at > now()
  AND ((o.state IN ('delivered', 'read') AND o.channel IN ('device', 'cap', 'cascade', 'webhook'))
    OR (o.state = 'read' AND o.channel = 'voice'))
RETURNING t.id, t.endpoint

-- tests_missed --
UPDATE channel_tests SET state = 'missed' WHERE state = 'waiting' AND due_at <= now() RETURNING id, endpoint

-- answer_test_by_code --
UPDATE channel_tests t SET state = 'answered', answered_at = now(), answered_by = %(by)s
WHERE t.id = (
    SELECT c.id FROM channel_tests c JOIN outbox o ON o.id = c.letter
    WHERE c.endpoint = %(endpoint)s AND c.code = %(code)s AND c.state = 'waiting' AND c.due_at > now()
    ORDER BY c.id DESC LIMIT 1)
RETURNING t.id, t.endpoint

-- feed_platform --
INSERT INTO feed (kind, ref, estate, body) VALUES ('platform', %(ref)s, NULL, %(body)s) RETURNING seq
