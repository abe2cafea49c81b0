-- went_through --
-- The call that is waited for has raised its alert: tell the consoles, and let duty post its letter.
WITH numbered AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(hashtext('shequ_feed'))
), judged AS (
    UPDATE canaries SET judged_at = clock_timestamp() FROM numbered
    WHERE estate = %(estate)s AND id = %(id)s AND judged_at IS NULL
    RETURNING estate, id
), waits AS (
    INSERT INTO timers (kind, subject, due_at) SELECT 'canary', estate, now() FROM judged
    ON CONFLICT (kind, subject) DO UPDATE SET due_at = now(), set_at = now(), version = timers.version + 1
), told AS (
    INSERT INTO feed (kind, ref, estate, body) SELECT 'canary', estate, estate, jsonb_build_object('id', id) FROM judged
    RETURNING seq
)
SELECT pg_notify('shequ_feed', seq::text) FROM told
