-- Delivery: the transactional outbox and its receipts (issue 4, item 6).
-- depends: 0030_pre_people

ALTER TABLE outbox
    ADD COLUMN to_whom text NOT NULL DEFAULT '',
    ADD COLUMN party text NOT NULL DEFAULT '',
    ADD COLUMN state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sent', 'delivered', 'read', 'failed', 'expired', 'withheld', 'cancelled')),
    ADD COLUMN severity smallint NOT NULL DEFAULT 3 CHECK (severity BETWEEN 1 AND 4),
    ADD COLUMN estate text REFERENCES places,
    ADD COLUMN incident_id bigint REFERENCES incidents,
    ADD COLUMN alert_id bigint REFERENCES alerts,
    ADD COLUMN person text REFERENCES people,
    ADD COLUMN drill boolean NOT NULL DEFAULT false,
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now() + INTERVAL '1 day',
    ADD COLUMN leased_until timestamptz,
    ADD COLUMN endpoint text,
    ADD COLUMN remote_id text;
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (channel, severity, due_at) WHERE state = 'queued';
CREATE INDEX outbox_incident ON outbox (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX outbox_alert ON outbox (alert_id) WHERE alert_id IS NOT NULL;
CREATE INDEX outbox_remote ON outbox (endpoint, remote_id) WHERE remote_id IS NOT NULL;
CREATE INDEX outbox_dead ON outbox (id DESC) WHERE state = 'failed';

CREATE TABLE receipts (                   -- append-only: what became of a letter
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter    bigint NOT NULL REFERENCES outbox,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    state     text NOT NULL
        CHECK (state IN ('queued', 'attempt', 'sent', 'delivered', 'read', 'failed', 'expired', 'withheld', 'cancelled')),
    reason    text NOT NULL DEFAULT '',
    actor     text NOT NULL,              -- deliver, a gateway's code, a user's name, or whoever posted it
    attempt   integer NOT NULL DEFAULT 0,
    detail    jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX receipts_letter ON receipts (letter, id);
CREATE FUNCTION receipts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'receipts is append-only'; END $$;
CREATE TRIGGER receipts_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_stay();
