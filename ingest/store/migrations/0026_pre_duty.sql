-- Every alert that waits for somebody has a timer, by construction; the watchdog counts what must be zero
-- (docs/adr/019-duty.md).
-- depends: 0025_pre_incident_clocks

CREATE TABLE watchdog (                   -- invariants that must count zero, as `shequ duty` saw them last
    name      text PRIMARY KEY,
    count     bigint NOT NULL,
    since     timestamptz,                -- not zero since then
    alarmed_at timestamptz,               -- somebody was told then
    at        timestamptz NOT NULL
);

CREATE FUNCTION alert_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ended_at IS NULL AND NEW.state = 'open' THEN
        INSERT INTO timers (kind, subject, due_at) VALUES ('alert', NEW.id::text, now())
        ON CONFLICT (kind, subject) DO UPDATE SET due_at = now(), set_at = now(), step = 0, version = timers.version + 1;
    ELSE
        DELETE FROM timers WHERE kind = 'alert' AND subject = NEW.id::text;
    END IF;
    IF NEW.state <> 'acknowledged' THEN
        DELETE FROM timers WHERE kind = 'ack' AND subject = NEW.id::text;
    END IF;
    IF NEW.ended_at IS NOT NULL THEN
        DELETE FROM timers WHERE kind IN ('confirm', 'care') AND subject = NEW.id::text;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER alert_raised AFTER INSERT ON alerts FOR EACH ROW EXECUTE FUNCTION alert_waits();
CREATE TRIGGER alert_moved AFTER UPDATE OF state, ended_at, severity ON alerts FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.severity <> NEW.severity OR (OLD.ended_at IS NULL) <> (NEW.ended_at IS NULL))
    EXECUTE FUNCTION alert_waits();

CREATE FUNCTION alert_surer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN -- another device says the same: whoever waits for a confirmation waits no longer
    UPDATE timers SET due_at = least(due_at, now()) WHERE kind = 'confirm' AND subject = NEW.id::text;
    RETURN NULL;
END $$;
CREATE TRIGGER alert_surer AFTER UPDATE OF confidence ON alerts FOR EACH ROW
    WHEN (NEW.confidence > coalesce(OLD.confidence, 0)) EXECUTE FUNCTION alert_surer();

INSERT INTO timers (kind, subject, due_at)
SELECT 'alert', id::text, now() FROM alerts WHERE ended_at IS NULL AND state = 'open';
INSERT INTO timers (kind, subject, due_at)
SELECT 'ack', id::text, now() + INTERVAL '15 minutes' FROM alerts WHERE ended_at IS NULL AND state = 'acknowledged';
INSERT INTO incident_clocks (incident_id, clock, limit_s, working, began_at, from_at, amber_at, due_at, supervise_at)
SELECT id, 'sign', s, false, now(), now(), now() + s * 0.8 * INTERVAL '1 s', now() + s * INTERVAL '1 s', now() + s * 1.5 * INTERVAL '1 s'
FROM incidents, LATERAL (SELECT (ARRAY[60, 300, 1800, 28800])[severity]::double precision AS s) limits
WHERE state = 'dispatched' AND closed_at IS NULL;
INSERT INTO timers (kind, subject, due_at)
SELECT 'sla', incident_id || '/' || clock || '/' || seq || '/' || per_cent, moment
FROM incident_clocks, LATERAL (VALUES (80, amber_at), (100, due_at), (150, supervise_at)) levels (per_cent, moment);
