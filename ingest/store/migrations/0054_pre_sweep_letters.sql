-- Letters and their receipts have their time as well, and are never deleted while their case is open.
-- depends: 0053_pre_family_word

CREATE OR REPLACE FUNCTION receipts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- only `sweep_letters` deletes, and says so for its own transaction
    IF TG_OP = 'DELETE' AND current_setting('shequ.sweep', true) = 'letters' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'receipts is append-only';
END $$;

CREATE FUNCTION sweep_letters(keep interval) RETURNS TABLE (rows bigint, digest text) LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN -- letters past their time with their receipts; never what is still queued or belongs to something open
    ids := ARRAY(
        SELECT o.id FROM outbox o LEFT JOIN incidents i ON i.id = o.incident_id LEFT JOIN alerts a ON a.id = o.alert_id
        LEFT JOIN incidents c ON c.id = a.incident_id
        WHERE o.created_at < now() - keep AND o.state <> 'queued'
          AND (o.incident_id IS NULL OR i.closed_at < now() - keep)
          AND (o.alert_id IS NULL OR (a.ended_at < now() - keep AND (c.id IS NULL OR c.closed_at < now() - keep))));
    SELECT count(*), coalesce(sum(hashtextextended(o::text, 0)::numeric), 0)::text INTO rows, digest FROM outbox o WHERE o.id = ANY (ids);
    PERFORM set_config('shequ.sweep', 'letters', true);
    DELETE FROM receipts r WHERE r.letter = ANY (ids);
    PERFORM set_config('shequ.sweep', '', true);
    DELETE FROM cap_alerts p WHERE p.letter = ANY (ids);
    UPDATE channel_tests t SET letter = NULL WHERE t.letter = ANY (ids);
    UPDATE device_commands k SET letter = NULL WHERE k.letter = ANY (ids);
    DELETE FROM outbox o WHERE o.id = ANY (ids);
    RETURN NEXT;
END $$;
