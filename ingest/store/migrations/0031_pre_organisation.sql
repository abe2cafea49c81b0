-- Organisation as data: grids, posts and rosters, resources, positions, responders, dispatch plans (issue 4).
-- depends: 0030_pre_people

ALTER TABLE places
    ADD COLUMN division text CHECK (division ~ '^[0-9]{6}([0-9]{3}){0,2}$'),
    ADD COLUMN alt_codes jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN neighbour boolean NOT NULL DEFAULT false,
    ADD COLUMN lat double precision CHECK (lat BETWEEN -90 AND 90),
    ADD COLUMN lon double precision CHECK (lon BETWEEN -180 AND 180);
CREATE UNIQUE INDEX places_division ON places (division);

CREATE TABLE grids (                      -- beside the place tree: a grid belongs to exactly one community
    code       text PRIMARY KEY CHECK (code ~ '^[0-9]{15}$'),
    kind       text NOT NULL CHECK (kind IN ('base', 'special')),
    community  text NOT NULL REFERENCES places,
    name_zh    text NOT NULL,
    name_en    text NOT NULL,
    households integer,
    alt_codes  jsonb NOT NULL DEFAULT '{}', -- the same grid in other books: {"cjt349": ..., "local": ...}
    ended_at   timestamptz,
    version    integer NOT NULL DEFAULT 1
);
CREATE INDEX grids_community ON grids (community);

CREATE TABLE grid_places (                -- which place belongs to which grid, from when until when: old cases keep their grid
    place text NOT NULL REFERENCES places,
    grid  text NOT NULL REFERENCES grids,
    since timestamptz NOT NULL,
    until timestamptz,
    PRIMARY KEY (place, since),
    CHECK (until > since)
);
CREATE UNIQUE INDEX grid_places_now ON grid_places (place) WHERE until IS NULL;
CREATE INDEX grid_places_grid ON grid_places (grid);

CREATE FUNCTION grid_at(path text[], moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT m.grid
    FROM unnest(path) WITH ORDINALITY AS step (code, depth) JOIN grid_places m ON m.place = step.code
    WHERE m.since <= moment AND (m.until IS NULL OR moment < m.until)
    ORDER BY step.depth DESC LIMIT 1
$$;

CREATE TABLE posts (                      -- a chair that so many people must hold, daily between two local times
    code    text PRIMARY KEY,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    role    text NOT NULL,
    place   text NOT NULL REFERENCES places,
    minimum integer NOT NULL DEFAULT 1 CHECK (minimum BETWEEN 1 AND 50),
    opens   time NOT NULL DEFAULT '00:00', -- equal: day and night
    closes  time NOT NULL DEFAULT '00:00',
    ended_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX posts_place ON posts (place);

CREATE TABLE rosters (                    -- one person on one post from a moment to a later one, and the hand-over at its end
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post         text NOT NULL REFERENCES posts,
    person       text NOT NULL REFERENCES people,
    starts       timestamptz NOT NULL,
    ends         timestamptz NOT NULL,
    kind         text NOT NULL DEFAULT 'duty' CHECK (kind IN ('duty', 'on_call')),
    note         text,                    -- what the next one must know
    handed_at    timestamptz,
    handed_by    text,
    taken_at     timestamptz,             -- the next one has read it and taken over
    taken_by     text,
    cancelled_at timestamptz,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (ends > starts AND ends - starts <= INTERVAL '24 hours'),
    CHECK (taken_at IS NULL OR handed_at IS NOT NULL)
);
CREATE INDEX rosters_post ON rosters (post, starts);
CREATE INDEX rosters_person ON rosters (person, ends);

CREATE TABLE leaves (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person       text NOT NULL REFERENCES people,
    starts       timestamptz NOT NULL,
    ends         timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('leave', 'sick', 'training', 'other')),
    cancelled_at timestamptz,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CHECK (ends > starts)
);
CREATE INDEX leaves_person ON leaves (person, ends);

CREATE TABLE resources (
    id         text PRIMARY KEY,
    kind       text NOT NULL,             -- aed, extinguisher, ... (devices/organisation.py)
    name_zh    text NOT NULL,
    name_en    text NOT NULL,
    place      text NOT NULL REFERENCES places,
    quantity   integer NOT NULL DEFAULT 1 CHECK (quantity >= 0),
    state      text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'in_use', 'faulty', 'missing')),
    keeper     text REFERENCES people,
    checked_at timestamptz,
    expires_on date,
    retired_at timestamptz,
    version    integer NOT NULL DEFAULT 1
);
CREATE INDEX resources_place ON resources (place);

CREATE TABLE positions (                  -- the last word of every source: a guess has no way to overwrite an installation
    subject    text NOT NULL,             -- person:<id> | resource:<id>
    source     text NOT NULL CHECK (source IN ('installed', 'gps', 'scanned', 'reported')),
    place      text NOT NULL REFERENCES places,
    x          double precision,          -- metres in the sketch of that place's estate
    y          double precision,
    lat        double precision CHECK (lat BETWEEN -90 AND 90),
    lon        double precision CHECK (lon BETWEEN -180 AND 180),
    accuracy_m double precision,
    at         timestamptz NOT NULL,
    by_whom    text NOT NULL,
    PRIMARY KEY (subject, source)
);

CREATE TABLE responders (                 -- what a person is doing now
    person      text PRIMARY KEY REFERENCES people,
    state       text NOT NULL CHECK (state IN ('available', 'assigned', 'en_route', 'on_scene', 'resting', 'off')),
    since       timestamptz NOT NULL DEFAULT now(),
    incident_id bigint REFERENCES incidents,
    check_in_at timestamptz,              -- a lone worker answers by then (a timer row of kind check_in fires)
    overdue_at  timestamptz               -- nobody answered
);

CREATE TABLE responder_log (              -- append-only
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    person      text NOT NULL,
    from_state  text,
    to_state    text NOT NULL,
    incident_id bigint,
    actor       text NOT NULL,
    reason      text NOT NULL DEFAULT ''
);
CREATE INDEX responder_log_person ON responder_log (person, id DESC);

CREATE TABLE plans (                      -- dispatch plans, versioned; one version of each is in force
    id         text NOT NULL,
    version    integer NOT NULL,
    source     text NOT NULL,             -- a plan file of one plan
    place      text REFERENCES places,    -- null: everywhere
    origin     text NOT NULL CHECK (origin IN ('shipped', 'local')),
    state      text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'retired')),
    author     text NOT NULL,
    reason     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX plans_live ON plans (id) WHERE state = 'live';

CREATE TABLE plan_runs (                  -- a plan on a case, with the reason why it was this one
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id  bigint NOT NULL REFERENCES incidents,
    plan         text NOT NULL,
    version      integer NOT NULL,
    choice       jsonb NOT NULL,          -- {code, place, beaten}
    source       text NOT NULL,           -- as it was when it ran
    drill        boolean NOT NULL,
    state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    started_at   timestamptz NOT NULL DEFAULT now(),
    started_by   text NOT NULL,
    confirmed_at timestamptz,
    finished_at  timestamptz
);
CREATE UNIQUE INDEX plan_runs_incident ON plan_runs (incident_id) WHERE state = 'running';
CREATE INDEX plan_runs_cases ON plan_runs (incident_id, id DESC);

CREATE TABLE plan_steps (                 -- what became of each step
    run     bigint NOT NULL REFERENCES plan_runs ON DELETE CASCADE,
    n       integer NOT NULL,
    state   text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed', 'not_needed', 'withheld', 'case_over')),
    at      timestamptz,
    outcome jsonb NOT NULL DEFAULT '{}',  -- orders, letters, commands, cameras; or the reason why not
    PRIMARY KEY (run, n)
);

ALTER TABLE people ADD COLUMN grid text REFERENCES grids, ADD COLUMN cares_for text REFERENCES cared ON DELETE SET NULL;
CREATE INDEX people_grid ON people (grid) WHERE grid IS NOT NULL;
