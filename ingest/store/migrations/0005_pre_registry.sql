-- Devices: registry, credentials, enrolment, configuration, commands (issue 6).
-- depends: 0003_pre_rulebook

ALTER TABLE places ADD COLUMN use text CHECK (use IN ('hall', 'corridor', 'lift', 'entrance', 'parking', 'office', 'plant_room', 'dwelling', 'guest_room', 'dormitory', 'bathroom', 'toilet', 'changing_room', 'nursing_room'));

ALTER TABLE devices
    ADD COLUMN lifecycle text NOT NULL DEFAULT 'active',
    ADD COLUMN make text,
    ADD COLUMN model text,
    ADD COLUMN serial text,
    ADD COLUMN owner_unit text,
    ADD COLUMN network text,
    ADD COLUMN gb28181_id text,
    ADD COLUMN gateway text,
    ADD COLUMN legal_basis text,
    ADD COLUMN retention_days integer,
    ADD COLUMN purpose text,
    ADD COLUMN installed_at timestamptz,
    ADD COLUMN installed_by text,
    ADD COLUMN version integer NOT NULL DEFAULT 1;
UPDATE devices SET lifecycle = 'retired' WHERE retired_at IS NOT NULL;
ALTER TABLE devices
    ADD CHECK (lifecycle IN ('planned', 'provisioned', 'active', 'maintenance', 'retired')),
    ADD CHECK ((lifecycle = 'retired') = (retired_at IS NOT NULL)),
    ADD CHECK (network IN ('xueliang', 'tianwang', 'huiyan', 'estate')),
    ADD CHECK (gb28181_id ~ '^[0-9]{20}$'),
    ADD CHECK (legal_basis IN ('art7_public', 'art9_other', 'private')),
    ADD CHECK (retention_days BETWEEN 1 AND 3650),
    ADD FOREIGN KEY (gateway) REFERENCES devices DEFERRABLE INITIALLY DEFERRED;
CREATE UNIQUE INDEX devices_gb28181 ON devices (gb28181_id) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX devices_serial ON devices (coalesce(make, ''), serial) WHERE retired_at IS NULL AND serial IS NOT NULL;
CREATE INDEX devices_gateway ON devices (gateway) WHERE gateway IS NOT NULL;

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
    kind       text NOT NULL CHECK (kind IN ('claim', 'knock')),
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
    registered_as text REFERENCES devices
);
CREATE UNIQUE INDEX enrolments_claim ON enrolments (label) WHERE kind = 'claim';
CREATE UNIQUE INDEX enrolments_knock ON enrolments (estate, device) WHERE kind = 'knock';
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
