-- Quarantine has a size: what does not fit is counted, not kept (docs/adr/069-quarantine-room.md).
-- depends: 0136_pre_trace

CREATE TABLE quarantine_room (            -- one row: how much of its room quarantine uses
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    bytes       bigint NOT NULL DEFAULT 0, -- of the rows in quarantine: payload, topic, and 300 for the rest
    limit_bytes bigint NOT NULL DEFAULT 1073741824, -- as ingest's setting had it last
    full_since  timestamptz,              -- messages are counted only, since then
    folded      bigint NOT NULL DEFAULT 0 -- messages counted only, ever
);
INSERT INTO quarantine_room (bytes)
SELECT coalesce(sum(octet_length(payload) + octet_length(topic) + 300), 0) FROM quarantine;

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
