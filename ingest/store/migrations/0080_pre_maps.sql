-- Maps: one way from a sketch to the globe, floor plans with pins, saved views of the queue.
-- depends: 0050_pre_audit_seals

-- Where a sketch lies on the globe: the nearest anchor on the way up, else the nearest place that knows.
CREATE FUNCTION anchor_of(path text[]) RETURNS TABLE (lat double precision, lon double precision) LANGUAGE sql STABLE AS $$
    SELECT coalesce(a.lat, q.lat), coalesce(a.lon, q.lon)
    FROM unnest(path) WITH ORDINALITY AS step (code, n) JOIN places q ON q.code = step.code
    LEFT JOIN place_anchors a ON a.place = q.code
    WHERE coalesce(a.lat, q.lat) IS NOT NULL ORDER BY step.n DESC LIMIT 1
$$;

CREATE TABLE floor_plans (                -- a picture of a floor, a building or a yard; washed like every photo
    place      text PRIMARY KEY REFERENCES places,
    sha256     text NOT NULL,             -- of the file in the folder of attachments
    width      integer NOT NULL,
    height     integer NOT NULL,
    by_whom    text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE floor_pins (                 -- where a device hangs in that picture; an older pin does not outlive its picture
    device text PRIMARY KEY REFERENCES devices,
    place  text NOT NULL REFERENCES floor_plans ON DELETE CASCADE,
    x      double precision NOT NULL CHECK (x BETWEEN 0 AND 1), -- share of the width, from the left
    y      double precision NOT NULL CHECK (y BETWEEN 0 AND 1)  -- share of the height, from the top
);
CREATE INDEX floor_pins_place ON floor_pins (place);

CREATE TABLE saved_views (                -- a queue as somebody filtered it; shared ones are everybody's to use
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    name      text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    query     jsonb NOT NULL,             -- the page's address parameters, as text by name
    shared    boolean NOT NULL DEFAULT false,
    made_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_name, name)
);
