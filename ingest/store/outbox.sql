-- post --
-- Queue a letter once per key; a drill's letter to an outside party is withheld from the first moment.
WITH meant AS (
    SELECT %(drill)s::boolean AND (
        %(party)s::text = ANY(%(outside)s::text[]) OR %(to)s::text = ANY(%(outside)s::text[])
        OR EXISTS (SELECT FROM people p WHERE p.id = %(person)s AND p.roles && %(outside)s::text[])
    ) AS withheld
), new AS (
    INSERT INTO outbox (key, channel, to_whom, body, estate, incident_id, alert_id, person, party, severity, drill, expires_at, state, trace)
    SELECT %(key)s, %(channel)s, %(to)s, %(body)s, %(estate)s, %(incident_id)s, %(alert_id)s, %(person)s, %(party)s,
        %(severity)s, %(drill)s, coalesce(%(expires_at)s::timestamptz, now() + INTERVAL '1 day'),
        CASE WHEN withheld THEN 'withheld' ELSE 'queued' END,
        coalesce((SELECT a.trace FROM alerts a WHERE a.id = %(alert_id)s),
            (SELECT a.trace FROM alerts a WHERE a.incident_id = %(incident_id)s ORDER BY a.id LIMIT 1))
    FROM meant
    ON CONFLICT (key) DO NOTHING
    RETURNING id, state
), noted AS (
    INSERT INTO receipts (letter, state, reason, actor)
    SELECT id, state, CASE WHEN state = 'withheld' THEN 'drill_outside' ELSE '' END, %(actor)s FROM new
)
SELECT id FROM new

-- posted_before --
SELECT id FROM outbox WHERE key = %(key)s

-- cancel --
WITH stopped AS (
    UPDATE outbox SET state = 'cancelled', leased_until = NULL
    WHERE state = 'queued' AND (alert_id = %(alert_id)s::bigint OR incident_id = %(incident_id)s::bigint OR key = ANY(%(keys)s::text[]))
    RETURNING id, attempts
), noted AS (
    INSERT INTO receipts (letter, state, reason, actor, attempt)
    SELECT id, 'cancelled', %(reason)s, %(actor)s, attempts FROM stopped
)
SELECT id FROM stopped

-- notify_outbox --
SELECT pg_notify('shequ_outbox', '')
