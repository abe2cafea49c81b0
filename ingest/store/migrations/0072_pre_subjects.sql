-- Consents, and what people may ask of us (docs/adr/047-subjects.md).
-- depends: 0071_pre_retention

CREATE TABLE personal.consents (          -- one row per giving; a withdrawal erases what it allowed within a day
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person       text NOT NULL REFERENCES people,
    purpose      text NOT NULL CHECK (purpose IN ('contact', 'position')),
    version      integer NOT NULL,
    words        text NOT NULL,           -- what they agreed to, as it was shown
    given_by     text NOT NULL CHECK (given_by IN ('self', 'guardian')),
    given_at     timestamptz NOT NULL DEFAULT now(),
    recorded_by  text NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text,
    erased_at    timestamptz,
    UNIQUE (person, purpose, version)
);
CREATE INDEX consents_to_erase ON personal.consents (id) WHERE withdrawn_at IS NOT NULL AND erased_at IS NULL;

CREATE TABLE personal.requests (          -- access, copy, correct, delete (个保法 44–50), each with its deadline
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL CHECK (kind IN ('access', 'copy', 'correct', 'delete')),
    person   text NOT NULL REFERENCES people,
    note     text NOT NULL DEFAULT '',
    state    text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'refused')),
    asked_at timestamptz NOT NULL DEFAULT now(),
    asked_by text NOT NULL,
    due_at   timestamptz NOT NULL,
    done_at  timestamptz,
    done_by  text,
    answer   text NOT NULL DEFAULT '',
    CHECK ((done_at IS NOT NULL) = (state <> 'open'))
);
CREATE INDEX requests_open ON personal.requests (due_at) WHERE state = 'open';
CREATE INDEX requests_person ON personal.requests (person);
