-- Alerts are grouped, held back and verified; thresholds have overrides (issue 3).
-- depends: 0001_pre_initial

ALTER TABLE alerts ADD COLUMN group_key text NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN confidence double precision;
ALTER TABLE alerts ADD COLUMN drill boolean NOT NULL DEFAULT false;
ALTER TABLE alerts ADD COLUMN hush_reason text;
ALTER TABLE alerts ADD COLUMN hushed_by text;
ALTER TABLE alerts ADD COLUMN muted_until timestamptz;
CREATE INDEX alerts_group ON alerts (group_key) WHERE ended_at IS NULL;
CREATE INDEX alerts_hushed ON alerts (hushed_by) WHERE ended_at IS NULL AND hushed_by IS NOT NULL;

CREATE TABLE alert_occurrences (          -- append-only: every time the condition was met, repeated or over
    alert_id bigint NOT NULL,
    at       timestamptz NOT NULL,        -- event time
    seq      bigint GENERATED ALWAYS AS IDENTITY,
    verb     text NOT NULL,               -- raise | hit | clear
    reason   text NOT NULL,
    times    integer NOT NULL DEFAULT 1,
    late_by_s double precision,
    evidence jsonb NOT NULL DEFAULT '[]',
    trail    jsonb NOT NULL DEFAULT '[]'  -- what was decided on the way to the list, with reasons
);
DO $$ BEGIN PERFORM create_hypertable('alert_occurrences', 'at', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false); END $$;
CREATE INDEX alert_occurrences_alert ON alert_occurrences (alert_id, at);

CREATE TABLE hushes (                     -- silences, maintenance windows, tests and drills
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('silence', 'maintenance', 'test', 'drill')),
    scope       text NOT NULL,            -- a place's code or a device's id
    codes       text[] NOT NULL DEFAULT '{}',
    life_safety boolean NOT NULL DEFAULT false,
    author      text NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    starts_at   timestamptz NOT NULL DEFAULT now(),
    ends_at     timestamptz NOT NULL,
    CHECK (ends_at > starts_at)
);
CREATE INDEX hushes_end ON hushes (ends_at);

CREATE TABLE rule_overrides (             -- another value of a rule's parameter for a place or a device
    rule    text NOT NULL,
    scope   text NOT NULL,                -- a place's code or a device's id
    param   text NOT NULL,
    value   jsonb NOT NULL,
    author  text NOT NULL,
    reason  text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rule, scope, param)
);
