-- The roles of a governance centre, and the people who can be called or sent (issue 4).
-- depends: 0005_pre_registry

ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check
    CHECK (role IN ('operator', 'shift_leader', 'property', 'field', 'developer', 'admin'));

-- ---------------------------------------------------------------- organisation: people
CREATE TABLE people (                     -- who can be called or sent; the phone is personal data: masked unless asked for with a reason
    id         text PRIMARY KEY,
    name       text NOT NULL,
    roles      text[] NOT NULL,           -- GW, BL, PM, CP, FS, ... (rules/people.py)
    skills     text[] NOT NULL DEFAULT '{}',
    phone      text,
    org        text,                      -- the unit they belong to
    place      text NOT NULL REFERENCES places, -- responsible for this place and below
    user_name  text UNIQUE REFERENCES users ON DELETE SET NULL, -- the login, where there is one
    active     boolean NOT NULL DEFAULT true,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (cardinality(roles) > 0)
);
CREATE INDEX people_place ON people (place) WHERE active;
CREATE INDEX people_roles ON people USING gin (roles);
