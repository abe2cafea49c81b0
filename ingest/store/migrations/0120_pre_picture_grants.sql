-- Pictures shown to another unit, for a while (docs/adr/057-video-register.md).
-- depends: 0100_pre_operator

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

ALTER TABLE picture_access ADD COLUMN grant_id bigint REFERENCES picture_grants;
