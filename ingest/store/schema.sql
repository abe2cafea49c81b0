-- The whole truth of the database; tests/integration/test_migrations.py proves that the
-- migrations arrive here. Times are timestamptz. Codes and ids match [A-Za-z0-9_-]{1,64}.

CREATE EXTENSION IF NOT EXISTS timescaledb;
CREATE SCHEMA personal; -- personal data: sealed, or here because no sum can be done over what is sealed (docs/adr/061-what-is-sealed.md)

-- ---------------------------------------------------------------- what is known beforehand
CREATE TABLE places (
    code     text PRIMARY KEY,
    kind     text NOT NULL,
    name_zh  text NOT NULL,
    name_en  text NOT NULL,
    path     text[] NOT NULL,             -- codes from the root to this place
    outline  jsonb NOT NULL DEFAULT '[]', -- [[x, y], ...] metres in the estate's sketch
    level    integer,                     -- floor, counted from 1
    use      text CHECK (use IN ('hall', 'corridor', 'lift', 'entrance', 'parking', 'office', 'plant_room', 'dwelling', 'guest_room', 'dormitory', 'bathroom', 'toilet', 'changing_room', 'nursing_room')),
    division text CHECK (division ~ '^[0-9]{6}([0-9]{3}){0,2}$'), -- county 6, town 9, community 12 digits
    alt_codes jsonb NOT NULL DEFAULT '{}', -- the same place in other books
    neighbour boolean NOT NULL DEFAULT false, -- a region next door: it may send people, we do not watch it
    lat      double precision CHECK (lat BETWEEN -90 AND 90), -- of the sketch's origin, where it is known
    lon      double precision CHECK (lon BETWEEN -180 AND 180),
    lateness_s double precision CHECK (lateness_s BETWEEN 0 AND 3600), -- of an estate: how long its messages may be under way; null: as everywhere
    CHECK (path[cardinality(path)] = code)
);
CREATE INDEX places_path ON places USING gin (path);
CREATE UNIQUE INDEX places_division ON places (division);

CREATE TABLE devices (
    id              text PRIMARY KEY,
    estate          text NOT NULL REFERENCES places,
    place           text NOT NULL REFERENCES places,
    profile         text NOT NULL,
    name_zh         text NOT NULL,
    name_en         text NOT NULL,
    registered_at   timestamptz NOT NULL DEFAULT now(),
    offline_after_s double precision,     -- overrides the profile's
    x               double precision,
    y               double precision,
    online          boolean,              -- the broker's word: null until it has spoken
    retired_at      timestamptz,
    dialect         text,                 -- speaks through this adapter (devices/adapters); null: natively
    foreign_name    text,                 -- what that dialect calls it; null: its id
    lifecycle       text NOT NULL DEFAULT 'active',
    make            text,
    model           text,
    serial          text,
    owner_unit      text,
    network         text,
    gb28181_id      text,
    gateway         text,
    legal_basis     text,
    retention_days  integer,
    purpose         text,
    installed_at    timestamptz,
    installed_by    text,
    version         integer NOT NULL DEFAULT 1,
    maintenance_due date,                 -- when somebody must look after it next
    CHECK (lifecycle IN ('planned', 'provisioned', 'active', 'maintenance', 'retired')),
    CHECK ((lifecycle = 'retired') = (retired_at IS NOT NULL)),
    CHECK (network IN ('xueliang', 'tianwang', 'huiyan', 'estate')),
    CHECK (gb28181_id ~ '^[0-9]{20}$'),
    CHECK (legal_basis IN ('art7_public', 'art9_other', 'private')),
    CHECK (retention_days BETWEEN 1 AND 180),
    FOREIGN KEY (gateway) REFERENCES devices DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX devices_estate ON devices (estate);
CREATE INDEX devices_due ON devices (maintenance_due) WHERE maintenance_due IS NOT NULL;
CREATE UNIQUE INDEX devices_foreign ON devices (estate, dialect, coalesce(foreign_name, id))
    WHERE dialect IS NOT NULL AND retired_at IS NULL;
CREATE UNIQUE INDEX devices_gb28181 ON devices (gb28181_id) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX devices_serial ON devices (coalesce(make, ''), serial) WHERE retired_at IS NULL AND serial IS NOT NULL;
CREATE INDEX devices_gateway ON devices (gateway) WHERE gateway IS NOT NULL;

CREATE TABLE personal.cared (             -- people who are looked after, by opaque reference only
    person     text PRIMARY KEY,
    estate     text NOT NULL REFERENCES places,
    place      text NOT NULL REFERENCES places,
    since      timestamptz NOT NULL DEFAULT now(),
    away_until timestamptz
);

CREATE TABLE users (
    name          text PRIMARY KEY,
    display_name  text NOT NULL,
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('operator', 'shift_leader', 'property', 'field', 'developer', 'system_admin', 'security_admin', 'auditor')),
    scope         text REFERENCES places, -- sees this place and below; null: everything
    failed_logins integer NOT NULL DEFAULT 0,
    locked_until  timestamptz,
    disabled      boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    totp_secret   text,                   -- of the second factor, as a version before 0127 left it: sealed by the console
    totp_on       boolean NOT NULL DEFAULT false, -- a code made from it was shown once
    totp_step     bigint NOT NULL DEFAULT 0, -- the last step used: no code opens twice
    must_change   boolean NOT NULL DEFAULT false, -- somebody else knows the password
    oidc_subject  text UNIQUE,            -- who this is to the county's identity server
    totp_sealed   bytea                   -- the second factor's secret, base32 (ingest/vault.py)
);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,         -- SHA-256 of the bearer token
    user_name  text NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    id         bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- what a page may name it by
    source     text NOT NULL DEFAULT ''   -- network address it was opened from
);

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

-- ---------------------------------------------------------------- what happened
CREATE TABLE events (
    device       text NOT NULL,
    id           text NOT NULL,
    at           timestamptz NOT NULL,    -- device time (arrival where the clock was absurd)
    estate       text NOT NULL,
    type         text NOT NULL,
    data         jsonb NOT NULL,
    flags        text[] NOT NULL DEFAULT '{}',
    received_at  timestamptz NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now()
);
DO $$ BEGIN PERFORM create_hypertable('events', 'at', chunk_time_interval => INTERVAL '1 day', create_default_indexes => false); END $$;
CREATE UNIQUE INDEX events_once ON events (device, id, at);
CREATE INDEX events_device ON events (device, at DESC);

CREATE TABLE device_status (
    at     timestamptz NOT NULL,
    device text NOT NULL,
    online boolean NOT NULL,
    source text NOT NULL                  -- availability | retained
);
DO $$ BEGIN PERFORM create_hypertable('device_status', 'at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false); END $$;
CREATE INDEX device_status_device ON device_status (device, at DESC);

CREATE TABLE quarantine (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL,
    topic       text NOT NULL,
    payload     bytea NOT NULL,           -- at most the first 64 KiB
    size        integer NOT NULL,
    stage       text NOT NULL,
    reason      text NOT NULL,
    detail      text NOT NULL,
    asked_at    timestamptz,              -- somebody wants it read again; NULL: nobody, or it was tried
    asked_by    text,
    read_at     timestamptz               -- it was understood after all, and went the way of the others
);
CREATE INDEX quarantine_time ON quarantine (received_at DESC);
CREATE INDEX quarantine_asked ON quarantine (id) WHERE asked_at IS NOT NULL;

CREATE TABLE quarantine_room (            -- one row: how much of its room quarantine uses
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    bytes       bigint NOT NULL DEFAULT 0, -- of the rows in quarantine: payload, topic, and 300 for the rest
    limit_bytes bigint NOT NULL DEFAULT 1073741824, -- as ingest's setting had it last
    full_since  timestamptz,              -- messages are counted only, since then
    folded      bigint NOT NULL DEFAULT 0 -- messages counted only, ever
);
INSERT INTO quarantine_room DEFAULT VALUES;

CREATE TABLE quarantine_folds (           -- messages for which there was no room: a row per day, topic and reason
    day      date NOT NULL,
    topic    text NOT NULL,               -- its beginning; '#' for whatever is beyond 1 000 rows of a day
    stage    text NOT NULL,
    reason   text NOT NULL,
    count    bigint NOT NULL,             -- deliveries: one that the broker repeated counts again
    bytes    bigint NOT NULL,
    digest   numeric NOT NULL,            -- sum of the first eight bytes of each payload's SHA-256
    head     bytea NOT NULL,              -- how the first of them begins
    detail   text NOT NULL,               -- what was wrong with the first
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (day, topic, stage, reason)
);

-- ---------------------------------------------------------------- what was judged
CREATE TABLE incidents (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_code  text NOT NULL UNIQUE,      -- one case one code
    state      text NOT NULL,
    severity   smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    code       text NOT NULL,             -- of the alert that opened it
    estate     text NOT NULL REFERENCES places,
    place      text NOT NULL REFERENCES places,
    lead_org   text,
    assignee   text,                      -- who signed for it
    outcome    text,
    opened_at  timestamptz NOT NULL DEFAULT now(),
    opened_by  text NOT NULL,
    closed_at  timestamptz,
    version    integer NOT NULL DEFAULT 1,
    kind       text NOT NULL DEFAULT 'alert' CHECK (kind IN ('alert', 'dispute', 'security', 'people', 'service', 'other')),
    source     text NOT NULL DEFAULT '01' CHECK (source ~ '^[0-9]{2}$'), -- rules/incident.py SOURCES
    title      text NOT NULL DEFAULT '',  -- what was reported, where no alert says it
    summary    text NOT NULL DEFAULT '',
    cause      text,                      -- why it happened; required with the outcome at the close
    merged_into bigint REFERENCES incidents,
    drill      boolean NOT NULL DEFAULT false, -- never reaches 119
    legal_grade text CHECK (legal_grade IN ('extraordinary', 'major', 'serious', 'ordinary')), -- a person's word, never a rule's
    accepted_at timestamptz,              -- the centre took it (受理)
    signed_at  timestamptz,               -- whoever was sent signed for it (签收), the last time
    arrived_at timestamptz,               -- first arrival (到场)
    paused_at  timestamptz,               -- suspended (挂起) since then
    ladder     smallint NOT NULL DEFAULT 0 CHECK (ladder BETWEEN 0 AND 3), -- assignee, community, street, city
    supervised_at timestamptz,            -- under 督办 since then
    returns    integer NOT NULL DEFAULT 0, -- how often the order came back (退单)
    wish       jsonb                      -- an extension or suspension that waits for somebody else's word
);
CREATE INDEX incidents_merged ON incidents (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX incidents_open ON incidents (opened_at DESC) WHERE closed_at IS NULL;

CREATE TABLE alerts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint  text NOT NULL,
    rule         text NOT NULL,
    rule_version integer,                 -- null: raised before rules had versions
    code         text NOT NULL,
    severity     smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    state        text NOT NULL DEFAULT 'open',
    estate       text NOT NULL REFERENCES places,
    place        text NOT NULL REFERENCES places,
    subject      text NOT NULL,
    device       text,
    reason       text NOT NULL,
    explain      jsonb NOT NULL DEFAULT '{}',
    first_seen   timestamptz NOT NULL,    -- event time
    last_seen    timestamptz NOT NULL,    -- event time
    hit_count    integer NOT NULL DEFAULT 1,
    raised_at    timestamptz NOT NULL DEFAULT now(),
    late_by_s    double precision,
    cleared_at   timestamptz,             -- the condition is gone (the alert may stay, for a human)
    acked_at     timestamptz,
    acked_by     text,
    ended_at     timestamptz,
    outcome      text,
    incident_id  bigint REFERENCES incidents,
    version      integer NOT NULL DEFAULT 1,
    group_key    text NOT NULL DEFAULT '', -- alerts of one hazard in one building are one thing on the list
    confidence   double precision,        -- raised by further devices; it never blocks anything
    drill        boolean NOT NULL DEFAULT false, -- said in a drill or a test: never reaches 119
    hush_reason  text,                    -- why it is not on the list
    hushed_by    text,                    -- hush:<id>, or the fingerprint of the alert that holds it back
    muted_until  timestamptz,
    ack_until    timestamptz,             -- an acknowledgement lapses then, unless something follows
    lapses       integer NOT NULL DEFAULT 0, -- how often it has lapsed
    confirm_until timestamptz,            -- confirm before 119: after this it is treated as real
    verdict      text CHECK (verdict IN ('confirmed', 'assumed', 'bypassed', 'refuted')), -- what the confirming said
    verdict_at   timestamptz,
    verdict_by   text,
    trace        text                     -- W3C traceparent, derived from the event that raised it
);
CREATE INDEX alerts_group ON alerts (group_key) WHERE ended_at IS NULL;
CREATE INDEX alerts_hushed ON alerts (hushed_by) WHERE ended_at IS NULL AND hushed_by IS NOT NULL;
CREATE UNIQUE INDEX alerts_one_open ON alerts (fingerprint) WHERE ended_at IS NULL;
CREATE INDEX alerts_queue ON alerts (severity, raised_at DESC, id DESC) WHERE ended_at IS NULL;
CREATE INDEX alerts_history ON alerts (raised_at DESC, id DESC);
CREATE INDEX alerts_incident ON alerts (incident_id) WHERE incident_id IS NOT NULL;

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
    ended_at    timestamptz,              -- early, by somebody
    ended_by    text,
    ended_reason text,
    CHECK (ends_at > starts_at)
);
CREATE INDEX hushes_end ON hushes (ends_at);
CREATE INDEX alerts_suppressed ON alerts (id) WHERE ended_at IS NULL AND state = 'suppressed';

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

CREATE TABLE alert_evidence (             -- the events an alert rests on: the first ones and the newest
    alert_id bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    device   text NOT NULL,
    event_id text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (alert_id, device, event_id)
);

CREATE TABLE alert_log (
    at         timestamptz NOT NULL DEFAULT now(),
    alert_id   bigint NOT NULL,
    action     text NOT NULL,             -- raise | hit | clear | acknowledge | dispatch | close
    actor      text NOT NULL,             -- a user's name, or rule:<id>
    from_state text,
    to_state   text NOT NULL,
    reason     text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}'
);
DO $$ BEGIN PERFORM create_hypertable('alert_log', 'at', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false); END $$;
CREATE INDEX alert_log_alert ON alert_log (alert_id, at);

CREATE TABLE incident_log (
    at          timestamptz NOT NULL DEFAULT now(),
    incident_id bigint NOT NULL,
    seq         integer NOT NULL,         -- 1, 2, 3, ... within the incident: a gap is a lost row
    action      text NOT NULL,
    actor       text NOT NULL,
    from_state  text,
    to_state    text NOT NULL,
    reason      text NOT NULL DEFAULT '',
    detail      jsonb NOT NULL DEFAULT '{}',
    source      text NOT NULL DEFAULT ''  -- network address of the actor
);
DO $$ BEGIN PERFORM create_hypertable('incident_log', 'at', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false); END $$;
CREATE INDEX incident_log_incident ON incident_log (incident_id, seq);
CREATE FUNCTION incident_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'incident_log is append-only'; END $$;
CREATE TRIGGER incident_log_stays BEFORE UPDATE OR DELETE ON incident_log -- per row: it holds in the chunks too
    FOR EACH ROW EXECUTE FUNCTION incident_log_stays();
CREATE TRIGGER incident_log_whole BEFORE TRUNCATE ON incident_log
    FOR EACH STATEMENT EXECUTE FUNCTION incident_log_stays();

CREATE TABLE orders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES incidents,
    org         text NOT NULL,            -- governance_center, PM, GW, FS, CP, 119, 120, ...
    role        text NOT NULL DEFAULT 'lead' CHECK (role IN ('lead', 'assist')),
    state       text NOT NULL DEFAULT 'sent',
    sent_at     timestamptz NOT NULL DEFAULT now(),
    sent_by     text NOT NULL,
    person      text,                     -- people.id of whoever is meant, where it is one person
    note        text NOT NULL DEFAULT '',
    due_at      timestamptz,              -- to be signed for until then
    accepted_at timestamptz,
    accepted_by text,
    arrived_at  timestamptz,
    done_at     timestamptz,
    returned_at timestamptz,
    CHECK (state IN ('sent', 'acknowledged', 'on_scene', 'done', 'returned', 'recalled'))
);
CREATE INDEX orders_incident ON orders (incident_id);
CREATE INDEX orders_person ON orders (person, sent_at DESC) WHERE person IS NOT NULL;
CREATE INDEX orders_org ON orders (org, sent_at DESC);

-- ---------------------------------------------------------------- incidents: the clocks (rules/sla.py)
CREATE TABLE incident_clocks (            -- one promise: it is kept (met_at), waits (spent and paused), or its time runs out
    incident_id bigint NOT NULL REFERENCES incidents,
    clock       text NOT NULL CHECK (clock IN ('accept', 'sign', 'arrive', 'close')),
    seq         integer NOT NULL DEFAULT 1, -- 1, 2, ...: a new order is a new promise to sign
    limit_s     double precision NOT NULL CHECK (limit_s > 0),
    working     boolean NOT NULL,         -- counts working time only
    began_at    timestamptz NOT NULL,     -- the promise was given
    from_at     timestamptz,              -- it runs since then; null: it stands still
    spent_s     double precision NOT NULL DEFAULT 0, -- used up before from_at
    amber_at    timestamptz,              -- 80 %; these three are null while it stands still
    due_at      timestamptz,              -- 100 %
    supervise_at timestamptz,             -- 150 %
    met_at      timestamptz,              -- kept or given up then
    breached_at timestamptz,              -- its time was up then
    level       smallint NOT NULL DEFAULT 0 CHECK (level IN (0, 80, 100, 150)), -- what duty has acted on
    PRIMARY KEY (incident_id, clock, seq)
);
CREATE INDEX incident_clocks_running ON incident_clocks (due_at) WHERE met_at IS NULL;

-- ---------------------------------------------------------------- devices: registry, credentials, configuration
CREATE TABLE device_history (             -- append-only: who did what to which device
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    device     text NOT NULL,
    action     text NOT NULL,
    actor      text NOT NULL,             -- a user's name, or device | platform
    from_state text,
    to_state   text,
    reason     text NOT NULL DEFAULT '',
    detail     jsonb NOT NULL DEFAULT '{}',
    source     text NOT NULL DEFAULT ''   -- network address of the actor
);
CREATE INDEX device_history_device ON device_history (device, id DESC);
CREATE FUNCTION device_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'device_history is append-only'; END $$;
CREATE TRIGGER device_history_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON device_history
    FOR EACH STATEMENT EXECUTE FUNCTION device_history_stays();

CREATE TABLE device_records (             -- the installation and maintenance book
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device     text NOT NULL REFERENCES devices,
    at         timestamptz NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('installation', 'maintenance', 'inspection', 'repair', 'replacement')),
    done_by    text NOT NULL,
    note       text NOT NULL,
    actor      text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX device_records_device ON device_records (device, at DESC, id DESC);

CREATE TABLE device_credentials (         -- what a device logs in with; the broker keeps the account itself
    device        text PRIMARY KEY REFERENCES devices,
    password_hash bytea,                  -- SHA-256 of a random password: for brokers that ask us over HTTP
    minted_at     timestamptz NOT NULL DEFAULT now(),
    rotated_at    timestamptz,
    revoked_at    timestamptz,
    certificate_serial      text,
    certificate_fingerprint text,
    certificate_not_after   timestamptz
);

CREATE TABLE enrolment_labels (           -- claim codes printed on devices, as hashes
    label      text PRIMARY KEY,
    code_hash  bytea NOT NULL UNIQUE,     -- SHA-256 of a random code
    estate     text NOT NULL REFERENCES places,
    profile    text NOT NULL,
    make       text,
    model      text,
    serial     text,
    state      text NOT NULL DEFAULT 'unused' CHECK (state IN ('unused', 'claimed', 'approved', 'rejected', 'collected')),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL
);
CREATE INDEX enrolment_labels_estate ON enrolment_labels (estate, label);

CREATE TABLE enrolments (                 -- devices that ask to be registered, by claim code or by knocking
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('claim', 'knock', 'found')), -- found: on a bridge, by its own list
    state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'approved', 'rejected')),
    label      text REFERENCES enrolment_labels,
    device     text,                      -- what a knock called itself
    estate     text,
    topic      text,
    profile    text,
    make       text,
    model      text,
    serial     text,
    firmware   text,
    sample     text,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen  timestamptz NOT NULL DEFAULT now(),
    count      bigint NOT NULL DEFAULT 1,
    decided_at timestamptz,
    decided_by text,
    reason     text,
    registered_as text REFERENCES devices,
    dialect    text,                      -- of another make: through which adapter
    foreign_name text                     -- what that dialect calls it
);
CREATE UNIQUE INDEX enrolments_claim ON enrolments (label) WHERE kind = 'claim';
CREATE UNIQUE INDEX enrolments_knock ON enrolments (estate, device) WHERE kind = 'knock';
CREATE UNIQUE INDEX enrolments_foreign ON enrolments (coalesce(estate, ''), dialect, foreign_name) WHERE dialect IS NOT NULL;
CREATE INDEX enrolments_list ON enrolments (id DESC);

CREATE TABLE device_config (              -- desired and reported configuration
    device          text PRIMARY KEY REFERENCES devices,
    version         integer NOT NULL,
    hash            text NOT NULL,
    data            jsonb NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    by_whom         text NOT NULL,
    published       integer,              -- the version the broker has taken
    reported        integer,              -- the version the device speaks of
    reported_hash   text,
    reported_status text CHECK (reported_status IN ('applied', 'failed')),
    reported_reason text,
    reported_at     timestamptz
);
CREATE INDEX device_config_unpublished ON device_config (device) WHERE published IS DISTINCT FROM version;

CREATE TABLE rollouts (                   -- one configuration for many devices, stage by stage
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL,
    state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'done', 'cancelled')),
    reason       text NOT NULL DEFAULT '',
    stage        integer NOT NULL DEFAULT 0,
    stages       integer[] NOT NULL,      -- per cent of the devices, rising to 100
    max_failed   integer NOT NULL,
    stage_wait_s double precision NOT NULL,
    stage_since  timestamptz NOT NULL DEFAULT now(),
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    created_by   text NOT NULL
);
CREATE INDEX rollouts_running ON rollouts (id) WHERE state = 'running';

CREATE TABLE rollout_devices (
    rollout bigint NOT NULL REFERENCES rollouts,
    device  text NOT NULL REFERENCES devices,
    stage   integer NOT NULL,             -- counted from 0
    status  text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'pending', 'applied', 'failed', 'skipped')),
    reason  text,
    version integer,                      -- of the desired configuration it was given
    before  jsonb,                        -- the configuration it had
    PRIMARY KEY (rollout, device)
);
CREATE INDEX rollout_devices_device ON rollout_devices (device);

CREATE TABLE device_config_log (          -- every desired configuration there was
    device  text NOT NULL REFERENCES devices,
    version integer NOT NULL,
    hash    text NOT NULL,
    data    jsonb NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    by_whom text NOT NULL,
    rollout bigint REFERENCES rollouts,
    PRIMARY KEY (device, version)
);

CREATE TABLE device_groups (
    code    text PRIMARY KEY,
    estate  text NOT NULL REFERENCES places,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    version integer NOT NULL DEFAULT 1
);

CREATE TABLE device_group_members (
    code   text NOT NULL REFERENCES device_groups ON DELETE CASCADE,
    device text NOT NULL REFERENCES devices,
    PRIMARY KEY (code, device)
);
CREATE INDEX device_group_members_device ON device_group_members (device);

CREATE TABLE device_commands (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device     text NOT NULL REFERENCES devices,
    name       text NOT NULL,
    args       jsonb NOT NULL DEFAULT '{}',
    state      text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'done', 'refused', 'failed', 'expired')),
    reason     text NOT NULL,
    asked_at   timestamptz NOT NULL DEFAULT now(),
    asked_by   text NOT NULL,
    expires_at timestamptz NOT NULL,
    sent_at    timestamptz,
    replied_at timestamptz,
    reply      jsonb
);
CREATE INDEX device_commands_device ON device_commands (device, id DESC);
CREATE INDEX device_commands_open ON device_commands (expires_at) WHERE state IN ('queued', 'sent');

CREATE TABLE device_counts (              -- what is not stored anywhere else, by device and day
    device     text NOT NULL,
    day        date NOT NULL,
    duplicates bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (device, day)
);

-- ---------------------------------------------------------------- organisation: people, rosters, resources, plans
CREATE TABLE people (                     -- who can be called or sent; how to reach them is sealed in personal.fields
    id         text PRIMARY KEY,
    name       text NOT NULL,
    roles      text[] NOT NULL,           -- GW, BL, PM, CP, FS, ... (rules/people.py)
    skills     text[] NOT NULL DEFAULT '{}',
    org        text,                      -- the unit they belong to
    place      text NOT NULL REFERENCES places, -- responsible for this place and below
    grid       text,                      -- and for this grid
    cares_for  text REFERENCES personal.cared ON DELETE SET NULL, -- a family contact: of this person under care
    user_name  text UNIQUE REFERENCES users ON DELETE SET NULL, -- the login, where there is one
    active     boolean NOT NULL DEFAULT true,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (cardinality(roles) > 0)
);
CREATE INDEX people_place ON people (place) WHERE active;
CREATE INDEX people_roles ON people USING gin (roles);
CREATE INDEX people_grid ON people (grid) WHERE grid IS NOT NULL;

CREATE TABLE grids (                      -- beside the place tree: a grid belongs to exactly one community
    code       text PRIMARY KEY CHECK (code ~ '^[0-9]{15}$'),
    kind       text NOT NULL CHECK (kind IN ('base', 'special')),
    community  text NOT NULL REFERENCES places,
    name_zh    text NOT NULL,
    name_en    text NOT NULL,
    households integer,
    alt_codes  jsonb NOT NULL DEFAULT '{}', -- the same grid in other books: {"cjt349": ..., "local": ...}
    ended_at   timestamptz,
    version    integer NOT NULL DEFAULT 1
);
CREATE INDEX grids_community ON grids (community);

CREATE TABLE grid_places (                -- which place belongs to which grid, from when until when: old cases keep their grid
    place text NOT NULL REFERENCES places,
    grid  text NOT NULL REFERENCES grids,
    since timestamptz NOT NULL,
    until timestamptz,
    PRIMARY KEY (place, since),
    CHECK (until > since)
);
CREATE UNIQUE INDEX grid_places_now ON grid_places (place) WHERE until IS NULL;
CREATE INDEX grid_places_grid ON grid_places (grid);

CREATE FUNCTION grid_at(path text[], moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT m.grid
    FROM unnest(path) WITH ORDINALITY AS step (code, depth) JOIN grid_places m ON m.place = step.code
    WHERE m.since <= moment AND (m.until IS NULL OR moment < m.until)
    ORDER BY step.depth DESC LIMIT 1
$$;

CREATE TABLE posts (                      -- a chair that so many people must hold, daily between two local times
    code    text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    role    text NOT NULL,
    place   text NOT NULL REFERENCES places,
    minimum integer NOT NULL DEFAULT 1 CHECK (minimum BETWEEN 1 AND 50),
    opens   time NOT NULL DEFAULT '00:00', -- equal: day and night
    closes  time NOT NULL DEFAULT '00:00',
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX posts_place ON posts (place);

CREATE TABLE rosters (                    -- one person on one post from a moment to a later one, and the hand-over at its end
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post         text NOT NULL REFERENCES posts,
    person       text NOT NULL REFERENCES people,
    starts       timestamptz NOT NULL,
    ends         timestamptz NOT NULL,
    kind         text NOT NULL DEFAULT 'duty' CHECK (kind IN ('duty', 'on_call')),
    note         text,                    -- what the next one must know
    handed_at    timestamptz,
    handed_by    text,
    taken_at     timestamptz,             -- the next one has read it and taken over
    taken_by     text,
    cancelled_at timestamptz,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (ends > starts AND ends - starts <= INTERVAL '24 hours'),
    CHECK (taken_at IS NULL OR handed_at IS NOT NULL)
);
CREATE INDEX rosters_post ON rosters (post, starts);
CREATE INDEX rosters_person ON rosters (person, ends);

CREATE TABLE leaves (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person       text NOT NULL REFERENCES people,
    starts       timestamptz NOT NULL,
    ends         timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('leave', 'sick', 'training', 'other')),
    cancelled_at timestamptz,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    stand_in     text REFERENCES people,  -- who holds the shifts meanwhile
    CHECK (ends > starts)
);
CREATE INDEX leaves_person ON leaves (person, ends);

CREATE TABLE resources (
    id         text PRIMARY KEY,
    kind       text NOT NULL,             -- aed, extinguisher, ... (devices/organisation.py)
    name_zh    text NOT NULL,
    name_en    text NOT NULL,
    place      text NOT NULL REFERENCES places,
    quantity   integer NOT NULL DEFAULT 1 CHECK (quantity >= 0),
    state      text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'in_use', 'faulty', 'missing')),
    keeper     text REFERENCES people,
    checked_at timestamptz,
    expires_on date,
    retired_at timestamptz,
    version    integer NOT NULL DEFAULT 1
);
CREATE INDEX resources_place ON resources (place);

CREATE TABLE personal.positions (         -- the last word of every source: a guess has no way to overwrite an installation
    subject    text NOT NULL,             -- person:<id> | resource:<id>
    source     text NOT NULL CHECK (source IN ('installed', 'gps', 'scanned', 'reported')),
    place      text NOT NULL REFERENCES places,
    x          double precision,          -- metres in the sketch of that place's estate
    y          double precision,
    lat        double precision CHECK (lat BETWEEN -90 AND 90),
    lon        double precision CHECK (lon BETWEEN -180 AND 180),
    accuracy_m double precision,
    at         timestamptz NOT NULL,
    by_whom    text NOT NULL,
    PRIMARY KEY (subject, source)
);

CREATE TABLE responders (                 -- what a person is doing now
    person      text PRIMARY KEY REFERENCES people,
    state       text NOT NULL CHECK (state IN ('available', 'assigned', 'en_route', 'on_scene', 'resting', 'off')),
    since       timestamptz NOT NULL DEFAULT now(),
    incident_id bigint REFERENCES incidents,
    check_in_at timestamptz,              -- a lone worker answers by then (a timer row of kind check_in fires)
    overdue_at  timestamptz               -- nobody answered
);

CREATE TABLE responder_log (              -- append-only
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    person      text NOT NULL,
    from_state  text,
    to_state    text NOT NULL,
    incident_id bigint,
    actor       text NOT NULL,
    reason      text NOT NULL DEFAULT ''
);
CREATE INDEX responder_log_person ON responder_log (person, id DESC);

CREATE TABLE plans (                      -- dispatch plans, versioned; one version of each is in force
    id         text NOT NULL,
    version    integer NOT NULL,
    source     text NOT NULL,             -- a plan file of one plan
    place      text REFERENCES places,    -- null: everywhere
    origin     text NOT NULL CHECK (origin IN ('shipped', 'local')),
    state      text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'retired')),
    author     text NOT NULL,
    reason     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX plans_live ON plans (id) WHERE state = 'live';

CREATE TABLE plan_runs (                  -- a plan on a case, with the reason why it was this one
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id  bigint NOT NULL REFERENCES incidents,
    plan         text NOT NULL,
    version      integer NOT NULL,
    choice       jsonb NOT NULL,          -- {code, place, beaten}
    source       text NOT NULL,           -- as it was when it ran
    drill        boolean NOT NULL,
    state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    started_at   timestamptz NOT NULL DEFAULT now(),
    started_by   text NOT NULL,
    confirmed_at timestamptz,
    finished_at  timestamptz
);
CREATE UNIQUE INDEX plan_runs_incident ON plan_runs (incident_id) WHERE state = 'running';
CREATE INDEX plan_runs_cases ON plan_runs (incident_id, id DESC);

CREATE TABLE plan_steps (                 -- what became of each step
    run     bigint NOT NULL REFERENCES plan_runs ON DELETE CASCADE,
    n       integer NOT NULL,
    state   text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed', 'not_needed', 'withheld', 'case_over')),
    at      timestamptz,
    outcome jsonb NOT NULL DEFAULT '{}',  -- orders, letters, commands, cameras; or the reason why not
    PRIMARY KEY (run, n)
);

ALTER TABLE people ADD FOREIGN KEY (grid) REFERENCES grids;

-- What a person does follows from the orders, in the same transaction: no process can forget to write it down.
CREATE FUNCTION responder_moves(who text, next text, incident bigint, actor text) RETURNS void LANGUAGE plpgsql AS $$
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

-- ---------------------------------------------------------------- the field: photos, moves made on the phone
CREATE TABLE attachments (                -- a photo of a case; the file is named by its hash, in SHEQU_ATTACHMENTS
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES incidents,
    order_id    bigint REFERENCES orders,
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type  text NOT NULL,
    size        integer NOT NULL CHECK (size > 0),
    width       integer NOT NULL,
    height      integer NOT NULL,
    taken_at    timestamptz NOT NULL,     -- as the phone said, within bounds; else the moment of arrival
    by_whom     text NOT NULL,
    lat         double precision CHECK (lat BETWEEN -90 AND 90), -- WGS 84, told beside the photo, never read out of it
    lon         double precision CHECK (lon BETWEEN -180 AND 180),
    flags       text[] NOT NULL DEFAULT '{}', -- rules/acted.py
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (incident_id, sha256),
    CHECK ((lat IS NULL) = (lon IS NULL))
);
CREATE INDEX attachments_order ON attachments (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE order_moves (                -- append-only: what a phone said, once per key, and what became of it
    actor       text NOT NULL,
    key         text NOT NULL,            -- made by the phone: the same move again changes nothing
    order_id    bigint NOT NULL REFERENCES orders,
    incident_id bigint NOT NULL REFERENCES incidents,
    action      text NOT NULL,
    request     text NOT NULL,            -- SHA-256 of the move: the key may not be reused for another
    acted_at    timestamptz NOT NULL,     -- when the person acted, as far as that can be believed
    claimed_at  timestamptz,              -- what the phone said
    received_at timestamptz NOT NULL,     -- when it arrived
    flags       text[] NOT NULL DEFAULT '{}', -- rules/acted.py
    outcome     text NOT NULL CHECK (outcome IN ('done', 'kept')), -- kept: no longer possible, stands as a note
    answer      jsonb NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX order_moves_order ON order_moves (order_id);

CREATE TABLE place_anchors (              -- where the south-west corner of an estate's sketch lies; its y axis points north
    place text PRIMARY KEY REFERENCES places,
    lat   double precision NOT NULL CHECK (lat BETWEEN -90 AND 90), -- WGS 84
    lon   double precision NOT NULL CHECK (lon BETWEEN -180 AND 180)
);

-- ---------------------------------------------------------------- the engine's memory
CREATE TABLE engine_state (               -- saved with the events that moved it (design law 2); read through the view engine_memory
    estate  text NOT NULL,
    rule    text NOT NULL,
    subject text NOT NULL,
    memory  jsonb NOT NULL,
    PRIMARY KEY (estate, rule, subject)
);

CREATE TABLE engine_journal (             -- what a batch changed of the memory, one row; folded into engine_state every few seconds
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changes text NOT NULL                 -- a JSON array of {estate, rule, subject, memory}; memory null: forgotten
);
ALTER TABLE engine_journal ALTER COLUMN changes SET STORAGE EXTERNAL; -- compressing it would cost more than writing it

CREATE TABLE timers (                     -- every wait is a row (design law 3)
    kind    text NOT NULL,                -- rule (ingest fires it); all others are duty's: console/duty/work.py
    subject text NOT NULL,                -- for a rule: estate/rule/subject; alert: its id; sla: incident/clock/seq/level
    due_at  timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    set_at  timestamptz NOT NULL DEFAULT now(),
    step    integer NOT NULL DEFAULT 0,   -- how often it has fired before
    retry_at timestamptz,                 -- it failed: not before this
    attempts integer NOT NULL DEFAULT 0,
    last_error text,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX timers_due ON timers (due_at);
CREATE INDEX timers_duty ON timers (due_at) WHERE kind <> 'rule';

-- every alert that waits for somebody has a timer, by construction
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

CREATE TABLE watchdog (                   -- invariants that must count zero, as `shequ duty` saw them last
    name      text PRIMARY KEY,
    count     bigint NOT NULL,
    since     timestamptz,                -- not zero since then
    alarmed_at timestamptz,               -- somebody was told then
    at        timestamptz NOT NULL
);

CREATE TABLE ingest_progress (            -- a lost commit answer: was the batch written?
    worker text PRIMARY KEY,
    batch  uuid NOT NULL,
    clock  timestamptz NOT NULL,          -- event time up to which everything has been judged
    heard_at timestamptz,                 -- of its last commit by the wall clock; NULL: it lives in a drill's time
    waiting bigint NOT NULL DEFAULT 0     -- messages in the backlog
);

CREATE TABLE ingest_backlog (             -- messages as they came, acknowledged and not judged yet
    worker      text NOT NULL,
    number      bigint GENERATED ALWAYS AS IDENTITY, -- in this order they came, and are judged
    line        bigint NOT NULL,          -- by which connection
    mid         integer NOT NULL,         -- its packet identifier, which tells deliveries apart
    topic       bytea NOT NULL,
    payload     bytea NOT NULL,
    received_at timestamptz NOT NULL,
    retained    boolean NOT NULL,
    again       boolean NOT NULL,         -- it may have been here before
    PRIMARY KEY (worker, number)
);

-- ---------------------------------------------------------------- what goes out
CREATE TABLE feed (                       -- the numbered live stream; readers resume from a number
    seq    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now(),
    kind   text NOT NULL,                 -- alert | incident | device | platform | hold
    ref    text NOT NULL,                 -- id of the thing
    estate text,                          -- null: everybody's business
    body   jsonb NOT NULL
);
CREATE INDEX feed_time ON feed (at);

CREATE TABLE idempotency (                -- answers to writes, by the caller's Idempotency-Key
    user_name text NOT NULL,
    key       text NOT NULL,
    request   text NOT NULL,              -- method, path and body hash: the key may not be reused for another
    status    integer NOT NULL,
    body      jsonb NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_name, key)
);

CREATE TABLE audit_log (
    at      timestamptz NOT NULL DEFAULT now(),
    actor   text NOT NULL,
    action  text NOT NULL,
    object  text NOT NULL,
    success boolean NOT NULL,
    detail  jsonb NOT NULL DEFAULT '{}',
    source  text NOT NULL DEFAULT '',
    id      bigint GENERATED ALWAYS AS IDENTITY
);
DO $$ BEGIN PERFORM create_hypertable('audit_log', 'at', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false); END $$;
CREATE INDEX audit_log_time ON audit_log (at DESC);
CREATE INDEX audit_log_id ON audit_log (id);
CREATE INDEX audit_log_actor ON audit_log (actor, at DESC);
CREATE INDEX audit_log_action ON audit_log (action, at DESC);
CREATE INDEX audit_log_object ON audit_log (object, at DESC);

CREATE TABLE audit_seals (                -- append-only: each seal binds some rows and the seal before it
    seq       bigint PRIMARY KEY,         -- 1, 2, 3, ...: a gap is a lost seal
    sealed_at timestamptz NOT NULL,
    first_id  bigint NOT NULL,
    last_id   bigint NOT NULL,
    rows      integer NOT NULL,
    digest    bytea NOT NULL,             -- SHA-256 over the rows in the order of their ids
    hash      bytea NOT NULL,             -- SHA-256 over the seal before and all of the above
    CHECK (first_id <= last_id)
);

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_log_whole BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_seals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- Writers hold this lock together from before their row has its id until they have committed; whoever
-- seals takes it alone for a moment, and then knows that no smaller id is still under way.
CREATE FUNCTION audit_under_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext('shequ_audit')); RETURN NULL; END $$;
CREATE TRIGGER audit_log_under_way BEFORE INSERT ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_under_way();

-- ---------------------------------------------------------------- delivery (ingest/deliver)
CREATE TABLE outbox (                     -- letters: written with what caused them, sent afterwards, once per key
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key          text NOT NULL UNIQUE,    -- a receiver drops a key it has seen
    channel      text NOT NULL,
    to_whom      text NOT NULL DEFAULT '', -- address, or the endpoint's code; empty: the person's, found when sending
    party        text NOT NULL DEFAULT '', -- the organisation it is for
    body         jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sent', 'delivered', 'read', 'failed', 'expired', 'withheld', 'cancelled')),
    severity     smallint NOT NULL DEFAULT 3 CHECK (severity BETWEEN 1 AND 4),
    estate       text REFERENCES places,
    incident_id  bigint REFERENCES incidents,
    alert_id     bigint REFERENCES alerts,
    person       text REFERENCES people,
    drill        boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL DEFAULT now() + INTERVAL '1 day',
    due_at       timestamptz NOT NULL DEFAULT now(), -- of the next attempt
    attempts     integer NOT NULL DEFAULT 0,
    leased_until timestamptz,             -- somebody is sending it; past: that sender fell
    sent_at      timestamptz,
    endpoint     text,                    -- that took it
    remote_id    text,                    -- what the endpoint calls it
    last_error   text,
    trace        text                     -- W3C traceparent of its alert, or of its case's first alert
);
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
BEGIN
    -- only `sweep_letters` deletes, and says so for its own transaction
    IF TG_OP = 'DELETE' AND current_setting('shequ.sweep', true) = 'letters' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'receipts is append-only';
END $$;
CREATE TRIGGER receipts_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_stay();

CREATE TABLE endpoints (                  -- the ways out; secrets stand here by name only
    code        text PRIMARY KEY CHECK (code ~ '^[A-Za-z0-9_-]{1,64}$'),
    channel     text NOT NULL,
    driver      text NOT NULL,
    name_zh     text NOT NULL,
    name_en     text NOT NULL,
    place       text REFERENCES places,   -- whose it is; null: everybody's
    party       text NOT NULL DEFAULT '', -- the organisation behind it: a drill must not reach some
    language    text NOT NULL DEFAULT 'zh' CHECK (language IN ('zh', 'en')),
    settings    jsonb NOT NULL DEFAULT '{}',
    concurrency integer NOT NULL DEFAULT 4 CHECK (concurrency BETWEEN 1 AND 64),
    rate_per_s  double precision NOT NULL DEFAULT 10 CHECK (rate_per_s > 0),
    timeout_s   double precision NOT NULL DEFAULT 10 CHECK (timeout_s > 0 AND timeout_s <= 120),
    enabled     boolean NOT NULL DEFAULT true,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now(),
    problem     text                      -- why the sender cannot use it as it is
);

CREATE TABLE contacts (                   -- who is told by which channel, from which severity on, and when not
    person     text NOT NULL REFERENCES people ON DELETE CASCADE,
    channel    text NOT NULL,
    worst      smallint NOT NULL DEFAULT 4 CHECK (worst BETWEEN 1 AND 4), -- told of this severity and the more urgent ones
    quiet_from time,
    quiet_to   time,
    language   text NOT NULL DEFAULT 'zh' CHECK (language IN ('zh', 'en')),
    enabled    boolean NOT NULL DEFAULT true,
    PRIMARY KEY (person, channel),
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);

CREATE TABLE channel_test_plans (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint text NOT NULL REFERENCES endpoints,
    to_whom  text NOT NULL DEFAULT '',
    person   text REFERENCES people,
    every_s  integer NOT NULL CHECK (every_s >= 60),
    window_s integer NOT NULL CHECK (window_s BETWEEN 10 AND 86400),
    next_at  timestamptz NOT NULL DEFAULT now(),
    enabled  boolean NOT NULL DEFAULT true,
    by_whom  text NOT NULL,
    UNIQUE (endpoint, to_whom, person)
);

CREATE TABLE channel_tests (              -- a test letter asks for an answer within its window
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint    text NOT NULL REFERENCES endpoints,
    plan        bigint REFERENCES channel_test_plans ON DELETE SET NULL,
    letter      bigint REFERENCES outbox,
    to_whom     text NOT NULL DEFAULT '',
    person      text REFERENCES people,
    token_hash  bytea NOT NULL UNIQUE,    -- SHA-256 of what the answering link shows
    code        text NOT NULL,            -- what a reply by SMS repeats
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'answered', 'missed')),
    asked_at    timestamptz NOT NULL DEFAULT now(),
    asked_by    text NOT NULL,
    due_at      timestamptz NOT NULL,
    answered_at timestamptz,
    answered_by text
);
CREATE INDEX channel_tests_waiting ON channel_tests (due_at) WHERE state = 'waiting';
CREATE INDEX channel_tests_endpoint ON channel_tests (endpoint, id DESC);

CREATE TABLE cap_alerts (                 -- what the CAP feeds show
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed        text NOT NULL REFERENCES endpoints,
    letter      bigint NOT NULL UNIQUE REFERENCES outbox,
    identifier  text NOT NULL UNIQUE,
    subject     text NOT NULL,            -- the chain: messages about one thing
    msg_type    text NOT NULL CHECK (msg_type IN ('Alert', 'Update', 'Cancel')),
    sent        timestamptz NOT NULL,
    reference   text NOT NULL,            -- sender,identifier,sent
    xml         text NOT NULL,
    pulled_at   timestamptz
);
CREATE INDEX cap_alerts_feed ON cap_alerts (feed, id DESC);
CREATE INDEX cap_alerts_subject ON cap_alerts (feed, subject, id);

CREATE TABLE cascade_cases (              -- cases that two centres both keep
    link        text NOT NULL REFERENCES endpoints,
    case_code   text NOT NULL,
    incident_id bigint NOT NULL REFERENCES incidents,
    mirrored    boolean NOT NULL,         -- theirs, shown here
    posted_seq  integer NOT NULL DEFAULT 0, -- of our record, told to them
    state_seq   integer NOT NULL DEFAULT 0, -- of their record, that our state is from
    PRIMARY KEY (link, case_code)
);
CREATE INDEX cascade_cases_incident ON cascade_cases (incident_id);

CREATE TABLE cascade_moves (              -- what came from there, once each
    link        text NOT NULL,
    case_code   text NOT NULL,
    remote_seq  integer NOT NULL,
    seq         integer NOT NULL,         -- of the row in our record
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (link, case_code, remote_seq)
);

ALTER TABLE device_commands ADD COLUMN letter bigint UNIQUE REFERENCES outbox;

CREATE FUNCTION sweep_letters(keep interval) RETURNS TABLE (rows bigint, digest text) LANGUAGE plpgsql AS $$
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
CREATE INDEX receipts_actor ON receipts (actor, at);

CREATE TABLE case_holds (                 -- legal holds: retention spares everything of the case
    incident_id bigint PRIMARY KEY REFERENCES incidents,
    reason      text NOT NULL CHECK (length(btrim(reason)) >= 2),
    by_whom     text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);

-- ---------------------------------------------------------------- dossiers, ratings, repairs, points, targets
CREATE TABLE dossier_chain (              -- append-only: everything that happened to a case, each entry sealing the one before
    incident_id bigint NOT NULL REFERENCES incidents,
    seq         integer NOT NULL,         -- 1, 2, 3, ... within the case
    kind        text NOT NULL CHECK (kind IN ('move', 'order', 'alert', 'rule', 'event', 'message', 'photo', 'view', 'verdict', 'rating', 'link')),
    ref         text NOT NULL,            -- which move, order, alert, ... of the case
    at          text NOT NULL,            -- RFC 3339, UTC: part of what is hashed
    salt        text NOT NULL,            -- kept back where the body is masked, so that nobody guesses it from the digest
    body        jsonb NOT NULL,
    digest      text NOT NULL,            -- SHA-256 of salt and canonical body
    prev        text NOT NULL,            -- hash of the entry before; zeros for the first
    hash        text NOT NULL,            -- SHA-256 of the canonical head
    PRIMARY KEY (incident_id, seq)
);
CREATE INDEX dossier_chain_ref ON dossier_chain (incident_id, kind, ref, seq DESC);

CREATE TABLE family_links (               -- the progress of a case for a family contact, without an account
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES incidents,
    token_hash  bytea NOT NULL UNIQUE,    -- SHA-256 of a random token
    relation    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL,
    revoked_at  timestamptz,
    revoked_by  text,
    opened      integer NOT NULL DEFAULT 0,
    opened_at   timestamptz,
    answer      text CHECK (answer IN ('confirmed', 'refuted')), -- their word on an alarm that waited for one, once
    answered_at timestamptz
);
CREATE INDEX family_links_incident ON family_links (incident_id);

CREATE TABLE ratings (                    -- append-only: one per case
    incident_id bigint PRIMARY KEY REFERENCES incidents,
    score       smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    words       text NOT NULL DEFAULT '',
    given_by    text NOT NULL CHECK (given_by IN ('resident', 'centre')),
    actor       text NOT NULL,            -- a user's name, or link:<id>
    at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE repair_orders (              -- what false alarms ask for: clean, adjust, replace, visit and explain
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    estate     text NOT NULL REFERENCES places,
    place      text NOT NULL REFERENCES places,
    device     text NOT NULL REFERENCES devices,
    rule       text NOT NULL,
    kind       text NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'assigned', 'done', 'dismissed')),
    facts      jsonb NOT NULL,            -- the count that asked for it
    assignee   text,
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    moved_at   timestamptz NOT NULL DEFAULT now(),
    moved_by   text NOT NULL,
    closed_at  timestamptz,
    version    integer NOT NULL DEFAULT 1,
    CHECK ((closed_at IS NOT NULL) = (state IN ('done', 'dismissed')))
);
CREATE UNIQUE INDEX repair_orders_one_open ON repair_orders (device, kind) WHERE closed_at IS NULL;
CREATE INDEX repair_orders_list ON repair_orders (id DESC);

CREATE TABLE points_rules (               -- the positive and the negative list
    code     text PRIMARY KEY,
    points   integer NOT NULL CHECK (points <> 0 AND points BETWEEN -1000 AND 1000),
    name_zh  text NOT NULL,
    name_en  text NOT NULL,
    active   boolean NOT NULL DEFAULT true,
    set_by   text NOT NULL,
    set_at   timestamptz NOT NULL DEFAULT now()
);
INSERT INTO points_rules (code, points, name_zh, name_en, set_by) VALUES
    ('patrol', 2, '参加巡逻一次', 'One patrol', 'shipped'),
    ('first_on_scene', 5, '紧急警情先到现场', 'First on the scene of an emergency', 'shipped'),
    ('hazard_report', 3, '上报隐患并属实', 'Reported a hazard that was real', 'shipped'),
    ('elder_visit', 3, '探访独居老人', 'Visited an elder living alone', 'shipped'),
    ('mediation', 8, '调解邻里纠纷成功', 'Settled a dispute between neighbours', 'shipped'),
    ('drill', 2, '参加应急演练', 'Took part in a drill', 'shipped'),
    ('order_ignored', -5, '无故不签收工单', 'Ignored an order without a reason', 'shipped'),
    ('false_report', -3, '谎报情况', 'Reported what was not so', 'shipped'),
    ('fire_lane', -3, '占用消防通道经劝导不改', 'Kept blocking a fire lane after a warning', 'shipped');

CREATE TABLE points_ledger (              -- append-only: proposals; what counts is in points_reviews
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    holder      text NOT NULL,            -- who earned it: a person's id or name
    holder_kind text NOT NULL CHECK (holder_kind IN ('volunteer', 'leader', 'grid_worker')),
    family      text NOT NULL DEFAULT '', -- household the points are added up in
    place       text NOT NULL REFERENCES places,
    rule        text NOT NULL REFERENCES points_rules,
    points      integer NOT NULL CHECK (points <> 0),
    reason      text NOT NULL CHECK (reason <> ''),
    incident_id bigint REFERENCES incidents,
    corrects    bigint UNIQUE REFERENCES points_ledger, -- the entry this one takes back
    proposed_by text NOT NULL REFERENCES users -- a person: nothing is deducted by the platform itself
);
CREATE INDEX points_ledger_place ON points_ledger (place);
CREATE INDEX points_ledger_holder ON points_ledger (holder);

CREATE TABLE points_reviews (             -- append-only: two reviews by two people, then publication (两审议一公开)
    entry    bigint NOT NULL REFERENCES points_ledger,
    step     text NOT NULL CHECK (step IN ('first', 'second', 'publish')),
    decision text NOT NULL CHECK (decision IN ('approve', 'refuse')),
    note     text NOT NULL DEFAULT '',
    at       timestamptz NOT NULL DEFAULT now(),
    by_whom  text NOT NULL REFERENCES users,
    PRIMARY KEY (entry, step)
);
CREATE UNIQUE INDEX points_reviews_two_people ON points_reviews (entry, by_whom) WHERE step <> 'publish';

CREATE TABLE kpi_targets (                -- targets that differ from those the platform ships with (rules/kpis.py)
    kpi    text NOT NULL,
    place  text NOT NULL REFERENCES places, -- this place and below, unless a nearer one says otherwise
    target double precision NOT NULL CHECK (target >= 0),
    unit   text NOT NULL CHECK (unit <> 'percent' OR target <= 100),
    source text NOT NULL,                 -- where the figure comes from
    set_by text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kpi, place)
);

CREATE TABLE coverage_points (            -- where a camera must be: key road sections (天网), required points of a community (雪亮)
    code    text PRIMARY KEY,
    network text NOT NULL CHECK (network IN ('xueliang', 'tianwang')),
    place   text NOT NULL REFERENCES places,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    device  text REFERENCES devices,      -- the camera that covers it
    set_by  text NOT NULL,
    set_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX coverage_points_place ON coverage_points (place);

-- ---------------------------------------------------------------- pictures of cameras
CREATE TABLE picture_grants (             -- another unit may look at what a camera recorded: which, from when to when, until when, why
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device     text NOT NULL REFERENCES devices,
    ref        text,                      -- this picture and its clip only; null: all of the camera in the time below
    what       text[] NOT NULL CHECK (cardinality(what) > 0 AND what <@ '{picture,clip}'),
    recorded_from  timestamptz NOT NULL,
    recorded_until timestamptz NOT NULL,
    unit       text NOT NULL,             -- whose people: people.org
    place      text NOT NULL REFERENCES places, -- of those who are responsible for this place or one below
    reason     text NOT NULL CHECK (length(btrim(reason)) >= 2),
    by_whom    text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text,
    withdrawn_why text,
    CHECK (recorded_until > recorded_from),
    CHECK (expires_at > at AND expires_at <= at + INTERVAL '90 days'),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE INDEX picture_grants_device ON picture_grants (device, id DESC);
CREATE INDEX picture_grants_unit ON picture_grants (unit, expires_at) WHERE withdrawn_at IS NULL;

CREATE TABLE picture_access (             -- append-only register: no row, no image
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    who      text NOT NULL,
    unit     text NOT NULL,               -- the viewer's unit, or role where no unit is known
    device   text NOT NULL REFERENCES devices,
    what     text NOT NULL CHECK (what IN ('picture', 'clip', 'view', 'live', 'hold', 'release', 'export')),
    ref      text NOT NULL,               -- where it lies in the storage
    reason   text NOT NULL CHECK (length(btrim(reason)) >= 2),
    alert_id bigint REFERENCES alerts,    -- the case it was looked at for
    source   text NOT NULL DEFAULT '',    -- network address of the viewer
    grant_id bigint REFERENCES picture_grants -- that opened it to another unit
);
CREATE INDEX picture_access_device ON picture_access (device, id DESC);
CREATE FUNCTION picture_access_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- only `sweep_register` deletes, and says so for its own transaction
    IF TG_OP = 'DELETE' AND current_setting('shequ.sweep', true) = 'register' THEN RETURN NULL; END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER picture_access_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON picture_access
    FOR EACH STATEMENT EXECUTE FUNCTION picture_access_stays();

CREATE TABLE picture_holds (              -- legal holds: retention spares the picture and its clip
    ref    text PRIMARY KEY,
    device text NOT NULL REFERENCES devices,
    reason text NOT NULL,
    by_whom text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE picture_case_holds (         -- pictures that open and held cases rest on: console/case_pictures.py keeps them in step
    ref         text NOT NULL,
    incident_id bigint NOT NULL REFERENCES incidents,
    device      text NOT NULL REFERENCES devices,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ref, incident_id)
);

-- ---------------------------------------------------------------- personal data, sealed
CREATE TABLE personal.fields (            -- how to reach somebody, who reported a case: encrypted, the keys lie outside (ingest/vault.py)
    subject    text NOT NULL,             -- person:<id>, incident:<id>, organ:<id>
    field      text NOT NULL,
    sealed     bytea NOT NULL,
    shown      text NOT NULL,             -- the masked form, which is all that pages need
    key        bytea NOT NULL,            -- name of the key that its data key is wrapped by
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, field)
);
CREATE INDEX fields_key ON personal.fields (key);

CREATE TABLE personal.reveals (           -- who may read one subject's fields whole, why, and until when; the server looks at it
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    who     text NOT NULL,
    subject text NOT NULL,                -- person:<id>, incident:<id>, organ:<id>, sheet:people, event:<device>/<id>
    reason  text NOT NULL CHECK (length(btrim(reason)) >= 1),
    until   timestamptz NOT NULL,
    reads   integer NOT NULL DEFAULT 0,
    CHECK (until > at AND until <= at + INTERVAL '10 minutes')
);
CREATE INDEX reveals_at ON personal.reveals (at);

CREATE TABLE personal.organ_requests (    -- a state organ asks for pictures (条例 20): its paper, two officers (sealed: organ:<id>), two of ours
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organ    text NOT NULL,
    document text NOT NULL,               -- the number of its paper
    basis    text NOT NULL,               -- the law it refers to
    device   text NOT NULL REFERENCES devices,
    recorded_from  timestamptz NOT NULL,
    recorded_until timestamptz NOT NULL,
    note     text NOT NULL DEFAULT '',
    state    text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'refused')),
    taken_at timestamptz NOT NULL DEFAULT now(),
    taken_by text NOT NULL,
    decided_at timestamptz,
    decided_by text,
    answer   text NOT NULL DEFAULT '',
    UNIQUE (organ, document, device),
    CHECK (recorded_until > recorded_from),
    CHECK ((decided_at IS NOT NULL) = (state <> 'open')),
    CHECK (decided_by <> taken_by)        -- four eyes
);
CREATE INDEX organ_requests_device ON personal.organ_requests (device, id DESC);

CREATE TABLE picture_exports (            -- append-only: what was handed out, to whom, why, what was hidden in it, and its hash
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    who      text NOT NULL,
    unit     text NOT NULL,
    device   text NOT NULL REFERENCES devices,
    what     text NOT NULL CHECK (what IN ('picture', 'clip')),
    ref      text NOT NULL,
    reason   text NOT NULL CHECK (length(btrim(reason)) >= 2),
    recipient text NOT NULL CHECK (length(btrim(recipient)) >= 2),
    request  bigint REFERENCES personal.organ_requests,
    hidden   jsonb NOT NULL,              -- masks, regions, heads or bodies
    original text NOT NULL CHECK (original ~ '^[0-9a-f]{64}$'), -- SHA-256 of what lies in the storage
    sha256   text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'), -- of what was handed out
    size     integer NOT NULL CHECK (size > 0),
    source   text NOT NULL DEFAULT ''
);
CREATE INDEX picture_exports_device ON picture_exports (device, id DESC);
CREATE INDEX picture_exports_request ON picture_exports (request) WHERE request IS NOT NULL;
CREATE INDEX picture_exports_sha256 ON picture_exports (sha256);
CREATE TRIGGER picture_exports_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON picture_exports
    FOR EACH STATEMENT EXECUTE FUNCTION picture_access_stays();

-- ---------------------------------------------------------------- access: accounts, second factor, tokens
CREATE FUNCTION administrators_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role <> OLD.role AND (NEW.role IN ('system_admin', 'security_admin', 'auditor')
                                 OR OLD.role IN ('system_admin', 'security_admin', 'auditor')) THEN
        RAISE EXCEPTION 'an administrator''s account keeps its role, and no other account becomes one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER users_administrators_stay BEFORE UPDATE OF role ON users FOR EACH ROW EXECUTE FUNCTION administrators_stay();

CREATE TABLE retention_proofs (           -- append-only: what was deleted because its time was over, or on somebody's wish
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     text NOT NULL,                 -- RFC 3339: part of what is hashed
    class  text NOT NULL,
    what   text NOT NULL,
    before timestamptz NOT NULL,          -- nothing younger went
    rows   bigint NOT NULL,
    digest text NOT NULL,                 -- of the rows, whatever their order
    hash   text NOT NULL                  -- SHA-256 of the proof before and all of the above
);
CREATE INDEX retention_proofs_class ON retention_proofs (class, id DESC);
CREATE FUNCTION retention_proofs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'retention_proofs is append-only'; END $$;
CREATE TRIGGER retention_proofs_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_proofs
    FOR EACH STATEMENT EXECUTE FUNCTION retention_proofs_stay();
-- ---------------------------------------------------------------- maps
-- Where a sketch lies on the globe: the nearest anchor on the way up, else the nearest place that knows.
CREATE FUNCTION anchor_of(path text[]) RETURNS TABLE (lat double precision, lon double precision) LANGUAGE sql STABLE AS $$
    SELECT coalesce(a.lat, q.lat), coalesce(a.lon, q.lon)
    FROM unnest(path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
    LEFT JOIN place_anchors a ON a.place = q.code
    WHERE coalesce(a.lat, q.lat) IS NOT NULL ORDER BY step.n DESC LIMIT 1
$$;


CREATE TABLE login_tries (                -- wrong passwords by name, whether anybody has that name or not
    name         text PRIMARY KEY,
    failures     integer NOT NULL DEFAULT 0,
    locks        integer NOT NULL DEFAULT 0, -- each lock in a row is twice as long as the one before
    locked_until timestamptz,
    last_at      timestamptz NOT NULL DEFAULT now()
);

CREATE UNLOGGED TABLE rates (             -- how often somebody may still try something without an account; for all consoles
    key    text PRIMARY KEY,              -- what, and from which network address
    tokens double precision NOT NULL,     -- tries that were left at that time; below zero: none
    at     timestamptz NOT NULL DEFAULT now()
);

CREATE UNLOGGED TABLE oidc_logins (       -- logins that went to the identity server and have not come back
    state_hash bytea PRIMARY KEY,         -- SHA-256 of what the browser must bring back
    nonce      text NOT NULL,
    verifier   text NOT NULL,             -- of PKCE; good for the one code that comes back with the state
    back       text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE recovery_codes (             -- each opens one login in place of the second factor
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL,             -- SHA-256 of a random code
    PRIMARY KEY (user_name, code_hash)
);

CREATE TABLE api_tokens (                 -- personal tokens for programs; shown once, kept as a hash
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name  text NOT NULL REFERENCES users ON DELETE CASCADE,
    title      text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,     -- SHA-256
    may_write  boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz,
    CHECK (expires_at <= created_at + INTERVAL '366 days')
);
CREATE INDEX api_tokens_user ON api_tokens (user_name);


-- ---------------------------------------------------------------- what people may ask of us: consents and requests
CREATE TABLE personal.consents (          -- one row per giving; a withdrawal erases what it allowed within a day
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person       text NOT NULL REFERENCES people,
    purpose      text NOT NULL CHECK (purpose IN ('contact', 'position')),
    version      integer NOT NULL,
    words        text NOT NULL,           -- what they agreed to, as it was shown
    given_by     text NOT NULL CHECK (given_by IN ('self', 'guardian')),
    given_at     timestamptz NOT NULL DEFAULT now(),
    recorded_by  text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text,
    erased_at    timestamptz,
    UNIQUE (person, purpose, version)
);
CREATE INDEX consents_to_erase ON personal.consents (id) WHERE withdrawn_at IS NOT NULL AND erased_at IS NULL;

CREATE TABLE personal.requests (          -- access, copy, correct, delete (个保法 44–50), each with its deadline
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL CHECK (kind IN ('access', 'copy', 'correct', 'delete')),
    person   text NOT NULL REFERENCES people,
    note     text NOT NULL DEFAULT '',
    state    text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused')),
    asked_at timestamptz NOT NULL DEFAULT now(),
    asked_by text NOT NULL,
    due_at   timestamptz NOT NULL,
    done_at  timestamptz,
    done_by  text,
    answer   text NOT NULL DEFAULT '',
    CHECK ((done_at IS NOT NULL) = (state <> 'open'))
);
CREATE INDEX requests_open ON personal.requests (due_at) WHERE state = 'open';
CREATE INDEX requests_person ON personal.requests (person);


-- ---------------------------------------------------------------- the property manager: plans, contacts
CREATE TABLE floor_plans (                -- the plan of a building, a floor or another place of an estate
    place      text PRIMARY KEY REFERENCES places ON DELETE CASCADE,
    content    bytea NOT NULL CHECK (octet_length(content) > 0), -- encoded anew by the console
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    width      integer NOT NULL CHECK (width > 0),
    height     integer NOT NULL CHECK (height > 0),
    by_whom    text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE floor_pins (                 -- a device on a plan, as shares of the picture from its upper left corner
    place   text NOT NULL REFERENCES floor_plans ON DELETE CASCADE,
    device  text NOT NULL REFERENCES devices ON DELETE CASCADE,
    x       double precision NOT NULL CHECK (x BETWEEN 0 AND 1),
    y       double precision NOT NULL CHECK (y BETWEEN 0 AND 1),
    by_whom text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (place, device)
);
CREATE INDEX floor_pins_device ON floor_pins (device);

CREATE TABLE callees (                    -- whom to call about a device or a place, in this order: people of the one address book
    device text REFERENCES devices ON DELETE CASCADE,
    place  text REFERENCES places ON DELETE CASCADE,
    rank   smallint NOT NULL CHECK (rank BETWEEN 1 AND 10),
    person text NOT NULL REFERENCES people ON DELETE CASCADE,
    note   text NOT NULL DEFAULT '' CHECK (length(note) <= 100), -- what for: has the keys, knows the switchboard
    CHECK (num_nonnulls(device, place) = 1)
);
CREATE UNIQUE INDEX callees_device ON callees (device, person) WHERE device IS NOT NULL;
CREATE UNIQUE INDEX callees_place ON callees (place, person) WHERE place IS NOT NULL;
CREATE INDEX callees_person ON callees (person);


-- ---------------------------------------------------------------- the operator's desk
CREATE TABLE alert_holds (                -- who has which alert open, for the others to see; over unless renewed
    user_name text PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    alert_id  bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    since     timestamptz NOT NULL DEFAULT now(),
    until     timestamptz NOT NULL
);

CREATE TABLE queue_views (                -- filters of the queue under a name
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name  text NOT NULL REFERENCES users ON DELETE CASCADE,
    name       text NOT NULL,
    filter     jsonb NOT NULL,            -- as in the page's address: severity, estate, code, state, q
    shared     boolean NOT NULL DEFAULT false, -- by a shift leader, with the desks whose places meet theirs
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_name, name)
);


-- ---------------------------------------------------------------- the platform checks itself
CREATE TABLE canaries (                   -- the newest call of each estate's virtual help button, and how far it came
    estate    text PRIMARY KEY REFERENCES places ON DELETE CASCADE,
    id        text NOT NULL,              -- of the call
    sent_at   timestamptz NOT NULL,       -- `shequ watch` pressed
    judged_at timestamptz,                -- ingest: read, judged, its alert written (and taken back)
    shown_at  timestamptz,                -- a console's live feed had it
    posted_at timestamptz,                -- duty: its letter stands in the outbox
    told_at   timestamptz,                -- the sender took the letter
    since     timestamptz                 -- no call has come all the way since this one
);

CREATE TABLE watch_findings (             -- what `shequ watch` finds wrong now
    name    text PRIMARY KEY,
    detail  jsonb NOT NULL DEFAULT '{}',
    since   timestamptz NOT NULL,
    told_at timestamptz,                  -- its alarm went out
    problem text                          -- why the alarm could not go out
);

CREATE TABLE watch_looks (                -- one row: that the watch itself is awake
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    at           timestamptz NOT NULL,
    channel      text NOT NULL DEFAULT '', -- what alarms go out by; empty: nothing is set up
    heartbeat_at timestamptz              -- the outside was last told that all is well
);
