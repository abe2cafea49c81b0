-- What is handed out of cameras' pictures, and what state organs asked for (docs/adr/057-video-register.md).
-- depends: 0120_pre_picture_grants

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

ALTER TABLE picture_access DROP CONSTRAINT picture_access_what_check;
ALTER TABLE picture_access ADD CONSTRAINT picture_access_what_check
    CHECK (what IN ('picture', 'clip', 'view', 'live', 'hold', 'release', 'export'));
