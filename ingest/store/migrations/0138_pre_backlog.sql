-- What comes in faster than it can be judged waits in the database, not in the broker's memory (docs/adr/071-backlog.md).
-- depends: 0137_pre_quarantine_room

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
ALTER TABLE ingest_progress ADD COLUMN waiting bigint NOT NULL DEFAULT 0; -- messages in the backlog
