-- Personal data are opened to one account, for one reason, for minutes (docs/adr/059-reveals.md).
-- depends: 0121_pre_picture_exports

CREATE TABLE personal.reveals (           -- who may read one subject's fields whole, why, and until when; the server looks at it
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    who     text NOT NULL,
    subject text NOT NULL,                -- person:<id>, incident:<id>, organ:<id>, event:<device>/<id>
    reason  text NOT NULL CHECK (length(btrim(reason)) >= 1),
    until   timestamptz NOT NULL,
    reads   integer NOT NULL DEFAULT 0,
    CHECK (until > at AND until <= at + INTERVAL '10 minutes')
);
CREATE INDEX reveals_at ON personal.reveals (at);
