-- The wait of somebody alone on the scene is a setting of whoever moves the order (SHEQU_CHECK_IN_MINUTES).
-- depends: 0051_pre_stand_ins

CREATE OR REPLACE FUNCTION responder_moves(who text, next text, incident bigint, actor text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text;
    due timestamptz := now() + coalesce(nullif(current_setting('shequ.check_in_s', true), '')::float8, 900) * INTERVAL '1 second';
BEGIN
    IF NOT EXISTS (SELECT FROM people WHERE id = who) THEN RETURN; END IF;
    SELECT state INTO before FROM responders WHERE person = who FOR UPDATE;
    IF before = next THEN RETURN; END IF;
    INSERT INTO responders (person, state, incident_id) VALUES (who, next, incident)
    ON CONFLICT (person) DO UPDATE SET state = next, since = now(), incident_id = incident, check_in_at = NULL, overdue_at = NULL;
    INSERT INTO responder_log (person, from_state, to_state, incident_id, actor) VALUES (who, before, next, incident, actor);
    DELETE FROM timers WHERE kind = 'check_in' AND subject = who;
    IF next = 'on_scene' AND NOT EXISTS (
        SELECT FROM responders r WHERE r.incident_id = incident AND r.state = 'on_scene' AND r.person <> who
    ) THEN
        UPDATE responders SET check_in_at = due WHERE person = who;
        INSERT INTO timers (kind, subject, due_at) VALUES ('check_in', who, due);
    END IF;
END $$;
