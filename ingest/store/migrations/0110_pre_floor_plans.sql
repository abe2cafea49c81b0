-- Floor plans, and where on them the devices hang.
-- depends: 0100_pre_operator

CREATE TABLE floor_plans (                -- the plan of a building, a floor or another place of an estate
    place      text PRIMARY KEY REFERENCES places ON DELETE CASCADE,
    content    bytea NOT NULL CHECK (octet_length(content) > 0), -- encoded anew by the console
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    width      integer NOT NULL CHECK (width > 0),
    height     integer NOT NULL CHECK (height > 0),
    by_whom    text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE floor_pins (                 -- a device on a plan, as shares of the picture from its upper left corner
    place   text NOT NULL REFERENCES floor_plans ON DELETE CASCADE,
    device  text NOT NULL REFERENCES devices ON DELETE CASCADE,
    x       double precision NOT NULL CHECK (x BETWEEN 0 AND 1),
    y       double precision NOT NULL CHECK (y BETWEEN 0 AND 1),
    by_whom text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (place, device)
);
CREATE INDEX floor_pins_device ON floor_pins (device);
