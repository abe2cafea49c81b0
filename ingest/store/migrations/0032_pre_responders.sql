-- Responder states follow orders (issue 4).
-- depends: 0031_pre_organisation 0025_pre_incident_clocks

-- What a person does follows from the orders, in the same transaction: no process can forget to write it down.
CREATE FUNCTION responder_moves(who text, next text, incident bigint, actor text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE before text;
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
        UPDATE responders SET check_in_at = now() + INTERVAL '15 minutes' WHERE person = who;
        INSERT INTO timers (kind, subject, due_at) VALUES ('check_in', who, now() + INTERVAL '15 minutes');
    END IF;
END $$;

CREATE FUNCTION order_moves_responder() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted text;
BEGIN
    IF NEW.person IS NULL OR (TG_OP = 'UPDATE' AND NEW.state IS NOT DISTINCT FROM OLD.state) THEN RETURN NEW; END IF;
    SELECT CASE (SELECT o.state FROM orders o
                 WHERE o.person = NEW.person AND o.state IN ('sent', 'acknowledged', 'on_scene')
                 ORDER BY array_position(ARRAY['on_scene', 'acknowledged', 'sent'], o.state) LIMIT 1)
        WHEN 'on_scene' THEN 'on_scene' WHEN 'acknowledged' THEN 'en_route' WHEN 'sent' THEN 'assigned'
        ELSE 'available' END INTO wanted;
    PERFORM responder_moves(NEW.person, wanted, CASE WHEN wanted = 'available' THEN NULL ELSE NEW.incident_id END, 'platform');
    RETURN NEW;
END $$;
CREATE TRIGGER order_moves_responder AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION order_moves_responder();
