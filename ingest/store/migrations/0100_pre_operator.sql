-- What an operator has open, and filters kept under a name.
-- depends: 0091_pre_ingest_heard

CREATE TABLE alert_holds (                -- who has which alert open, for the others to see; over unless renewed
    user_name text PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    alert_id  bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    since     timestamptz NOT NULL DEFAULT now(),
    until     timestamptz NOT NULL
);

CREATE TABLE queue_views (                -- filters of the queue under a name
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name  text NOT NULL REFERENCES users ON DELETE CASCADE,
    name       text NOT NULL,
    filter     jsonb NOT NULL,            -- as in the page's address: severity, estate, code, state, q
    shared     boolean NOT NULL DEFAULT false, -- by a shift leader, with the desks whose places meet theirs
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_name, name)
);
