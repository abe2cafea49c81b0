-- Photos of a case (issue 4, docs/adr/024-field.md).
-- depends: 0025_pre_incident_clocks

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
