-- The platform checks itself: a canary per estate, and what the watch found (docs/adr/066-canaries.md).
-- depends: 0100_pre_operator

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
