-- Dossiers, photos and the register of pictures have their time; a case on hold loses nothing (docs/adr/045-retention.md).
-- depends: 0122_pre_reveals

CREATE TABLE case_holds (                 -- legal holds: retention spares everything of the case
    incident_id bigint PRIMARY KEY REFERENCES incidents,
    reason      text NOT NULL CHECK (length(btrim(reason)) >= 2),
    by_whom     text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION sweep_letters(keep interval) RETURNS TABLE (rows bigint, digest text) LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN -- letters past their time with their receipts; never what is still queued or belongs to something open
    ids := ARRAY(
        SELECT o.id FROM outbox o LEFT JOIN incidents i ON i.id = o.incident_id LEFT JOIN alerts a ON a.id = o.alert_id
        LEFT JOIN incidents c ON c.id = a.incident_id
        WHERE o.created_at < now() - keep AND o.state <> 'queued'
          AND (o.incident_id IS NULL OR i.closed_at < now() - keep)
          AND NOT EXISTS (SELECT FROM case_holds h WHERE h.incident_id IN (o.incident_id, a.incident_id))
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

CREATE OR REPLACE FUNCTION picture_access_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- only `sweep_register` deletes, and says so for its own transaction
    IF TG_OP = 'DELETE' AND current_setting('shequ.sweep', true) = 'register' THEN RETURN NULL; END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

-- a camera keeps for 180 days at most: what was longer on paper is shortened, and that is in its history
INSERT INTO device_history (device, action, actor, reason, detail)
    SELECT id, 'change', 'platform', '保存期限上限 180 天', jsonb_build_object('retention_days', jsonb_build_array(retention_days, 180))
    FROM devices WHERE retention_days > 180;
UPDATE devices SET retention_days = 180 WHERE retention_days > 180;
ALTER TABLE devices DROP CONSTRAINT devices_retention_days_check;
ALTER TABLE devices ADD CONSTRAINT devices_retention_days_check CHECK (retention_days BETWEEN 1 AND 180);
