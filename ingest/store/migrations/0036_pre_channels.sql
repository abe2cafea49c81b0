-- Delivery: endpoints, contacts, channel tests, the CAP feed and the cascade (issue 4, item 6).
-- depends: 0035_pre_outbox

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
    address    text,                      -- null: the person's phone
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
CREATE INDEX receipts_actor ON receipts (actor, at);

INSERT INTO endpoints (code, channel, driver, name_zh, name_en) VALUES ('devices', 'device', 'mqtt', '现场设备', 'Field devices');
