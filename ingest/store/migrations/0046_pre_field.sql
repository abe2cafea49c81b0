-- Moves made on a phone, and where an estate lies on the globe (issue 4, docs/adr/024-field.md).
-- depends: 0045_pre_attachments 0030_pre_people

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
