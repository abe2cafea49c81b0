-- Rules live in the database, versioned; alerts say which version judged (issue 3).
-- depends: 0001_pre_initial

-- ---------------------------------------------------------------- the rules, versioned
CREATE TABLE rules (                      -- one row per rule id; locked while its versions change
    id         text PRIMARY KEY,
    code       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE rule_versions (
    rule       text NOT NULL REFERENCES rules,
    version    integer NOT NULL,
    source     text NOT NULL,             -- a rule file of one rule
    origin     text NOT NULL CHECK (origin IN ('shipped', 'local')),
    state      text NOT NULL CHECK (state IN ('draft', 'shadow', 'live', 'retired')),
    author     text NOT NULL,
    reason     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    live_at    timestamptz,               -- when it first came into force: the order to roll back in
    PRIMARY KEY (rule, version)
);
CREATE UNIQUE INDEX rule_versions_live ON rule_versions (rule) WHERE state = 'live';
CREATE UNIQUE INDEX rule_versions_shadow ON rule_versions (rule) WHERE state = 'shadow';

CREATE TABLE rule_log (                   -- append-only: who changed which rule, why, and what became of its memory
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    rule    text NOT NULL,
    version integer NOT NULL,
    action  text NOT NULL,                -- import | draft | shadow | promote | rollback
    actor   text NOT NULL,
    reason  text NOT NULL,
    detail  jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX rule_log_rule ON rule_log (rule, id);

CREATE TABLE rules_judged (               -- the versions that the engine's memory belongs to
    worker  text NOT NULL,
    rule    text NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (worker, rule)
);

CREATE TABLE shadow_signals (             -- what a version in shadow would have said; nobody is told
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule        text NOT NULL,
    version     integer NOT NULL,
    verb        text NOT NULL,            -- raise | clear
    fingerprint text NOT NULL,
    severity    smallint NOT NULL,
    estate      text NOT NULL,
    place       text NOT NULL,
    subject     text NOT NULL,
    device      text,
    reason      text NOT NULL,
    explain     jsonb NOT NULL DEFAULT '{}',
    evidence    jsonb NOT NULL DEFAULT '[]',
    at          timestamptz NOT NULL,     -- event time
    judged_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX shadow_signals_rule ON shadow_signals (rule, version, id);

CREATE TABLE rule_silences (              -- a condition matched and the rule kept silent, with its reason
    at       timestamptz NOT NULL,        -- event time
    estate   text NOT NULL,
    rule     text NOT NULL,
    version  integer,
    subject  text NOT NULL,
    reason   text NOT NULL,
    device   text,                        -- of the event that matched, where one did
    event_id text
);
DO $$ BEGIN PERFORM create_hypertable('rule_silences', 'at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false); END $$;
CREATE INDEX rule_silences_rule ON rule_silences (rule, subject, at DESC);
CREATE INDEX rule_silences_device ON rule_silences (device, at DESC);

ALTER TABLE alerts ADD COLUMN rule_version integer; -- null: raised before rules had versions
