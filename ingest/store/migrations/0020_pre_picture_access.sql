-- Who looked at which picture, clip or live view, and why; holds on them (issue 7).
-- depends: 0030_pre_people

-- ---------------------------------------------------------------- pictures of cameras
CREATE TABLE picture_access (             -- append-only register: no row, no image
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    who      text NOT NULL,
    unit     text NOT NULL,               -- the viewer's unit, or role where no unit is known
    device   text NOT NULL REFERENCES devices,
    what     text NOT NULL CHECK (what IN ('picture', 'clip', 'view', 'live', 'hold', 'release')),
    ref      text NOT NULL,               -- where it lies in the storage
    reason   text NOT NULL CHECK (length(btrim(reason)) >= 2),
    alert_id bigint REFERENCES alerts,    -- the case it was looked at for
    source   text NOT NULL DEFAULT ''     -- network address of the viewer
);
CREATE INDEX picture_access_device ON picture_access (device, id DESC);
CREATE FUNCTION picture_access_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'picture_access is append-only'; END $$;
CREATE TRIGGER picture_access_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON picture_access
    FOR EACH STATEMENT EXECUTE FUNCTION picture_access_stays();

CREATE TABLE picture_holds (              -- legal holds: retention spares the picture and its clip
    ref    text PRIMARY KEY,
    device text NOT NULL REFERENCES devices,
    reason text NOT NULL,
    by_whom text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);
