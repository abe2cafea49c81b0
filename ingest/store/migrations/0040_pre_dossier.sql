-- The dossier of a case, what residents see and say of it, repairs, points, targets (issue 4).
-- depends: 0030_pre_people

-- ---------------------------------------------------------------- dossiers, ratings, repairs, points, targets
CREATE TABLE dossier_chain (              -- append-only: everything that happened to a case, each entry sealing the one before
    incident_id bigint NOT NULL REFERENCES incidents,
    seq         integer NOT NULL,         -- 1, 2, 3, ... within the case
    kind        text NOT NULL CHECK (kind IN ('move', 'order', 'alert', 'rule', 'event', 'message', 'photo', 'view', 'verdict', 'rating', 'link')),
    ref         text NOT NULL,            -- which move, order, alert, ... of the case
    at          text NOT NULL,            -- RFC 3339, UTC: part of what is hashed
    salt        text NOT NULL,            -- kept back where the body is masked, so that nobody guesses it from the digest
    body        jsonb NOT NULL,
    digest      text NOT NULL,            -- SHA-256 of salt and canonical body
    prev        text NOT NULL,            -- hash of the entry before; zeros for the first
    hash        text NOT NULL,            -- SHA-256 of the canonical head
    PRIMARY KEY (incident_id, seq)
);
CREATE INDEX dossier_chain_ref ON dossier_chain (incident_id, kind, ref, seq DESC);

CREATE TABLE family_links (               -- the progress of a case for a family contact, without an account
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES incidents,
    token_hash  bytea NOT NULL UNIQUE,    -- SHA-256 of a random token
    relation    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL,
    revoked_at  timestamptz,
    revoked_by  text,
    opened      integer NOT NULL DEFAULT 0,
    opened_at   timestamptz
);
CREATE INDEX family_links_incident ON family_links (incident_id);

CREATE TABLE ratings (                    -- append-only: one per case
    incident_id bigint PRIMARY KEY REFERENCES incidents,
    score       smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    words       text NOT NULL DEFAULT '',
    given_by    text NOT NULL CHECK (given_by IN ('resident', 'centre')),
    actor       text NOT NULL,            -- a user's name, or link:<id>
    at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE repair_orders (              -- what false alarms ask for: clean, adjust, replace, visit and explain
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    estate     text NOT NULL REFERENCES places,
    place      text NOT NULL REFERENCES places,
    device     text NOT NULL REFERENCES devices,
    rule       text NOT NULL,
    kind       text NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'assigned', 'done', 'dismissed')),
    facts      jsonb NOT NULL,            -- the count that asked for it
    assignee   text,
    note       text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    moved_at   timestamptz NOT NULL DEFAULT now(),
    moved_by   text NOT NULL,
    closed_at  timestamptz,
    version    integer NOT NULL DEFAULT 1,
    CHECK ((closed_at IS NOT NULL) = (state IN ('done', 'dismissed')))
);
CREATE UNIQUE INDEX repair_orders_one_open ON repair_orders (device, kind) WHERE closed_at IS NULL;
CREATE INDEX repair_orders_list ON repair_orders (id DESC);

CREATE TABLE points_rules (               -- the positive and the negative list
    code     text PRIMARY KEY,
    points   integer NOT NULL CHECK (points <> 0 AND points BETWEEN -1000 AND 1000),
    name_zh  text NOT NULL,
    name_en  text NOT NULL,
    active   boolean NOT NULL DEFAULT true,
    set_by   text NOT NULL,
    set_at   timestamptz NOT NULL DEFAULT now()
);
INSERT INTO points_rules (code, points, name_zh, name_en, set_by) VALUES
    ('patrol', 2, '参加巡逻一次', 'One patrol', 'shipped'),
    ('first_on_scene', 5, '紧急警情先到现场', 'First on the scene of an emergency', 'shipped'),
    ('hazard_report', 3, '上报隐患并属实', 'Reported a hazard that was real', 'shipped'),
    ('elder_visit', 3, '探访独居老人', 'Visited an elder living alone', 'shipped'),
    ('mediation', 8, '调解邻里纠纷成功', 'Settled a dispute between neighbours', 'shipped'),
    ('drill', 2, '参加应急演练', 'Took part in a drill', 'shipped'),
    ('order_ignored', -5, '无故不签收工单', 'Ignored an order without a reason', 'shipped'),
    ('false_report', -3, '谎报情况', 'Reported what was not so', 'shipped'),
    ('fire_lane', -3, '占用消防通道经劝导不改', 'Kept blocking a fire lane after a warning', 'shipped');

CREATE TABLE points_ledger (              -- append-only: proposals; what counts is in points_reviews
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    holder      text NOT NULL,            -- who earned it: a person's id or name
    holder_kind text NOT NULL CHECK (holder_kind IN ('volunteer', 'leader', 'grid_worker')),
    family      text NOT NULL DEFAULT '', -- household the points are added up in
    place       text NOT NULL REFERENCES places,
    rule        text NOT NULL REFERENCES points_rules,
    points      integer NOT NULL CHECK (points <> 0),
    reason      text NOT NULL CHECK (reason <> ''),
    incident_id bigint REFERENCES incidents,
    corrects    bigint UNIQUE REFERENCES points_ledger, -- the entry this one takes back
    proposed_by text NOT NULL REFERENCES users -- a person: nothing is deducted by the platform itself
);
CREATE INDEX points_ledger_place ON points_ledger (place);
CREATE INDEX points_ledger_holder ON points_ledger (holder);

CREATE TABLE points_reviews (             -- append-only: two reviews by two people, then publication (两审议一公开)
    entry    bigint NOT NULL REFERENCES points_ledger,
    step     text NOT NULL CHECK (step IN ('first', 'second', 'publish')),
    decision text NOT NULL CHECK (decision IN ('approve', 'refuse')),
    note     text NOT NULL DEFAULT '',
    at       timestamptz NOT NULL DEFAULT now(),
    by_whom  text NOT NULL REFERENCES users,
    PRIMARY KEY (entry, step)
);
CREATE UNIQUE INDEX points_reviews_two_people ON points_reviews (entry, by_whom) WHERE step <> 'publish';

CREATE TABLE kpi_targets (                -- targets that differ from those the platform ships with (rules/kpis.py)
    kpi    text NOT NULL,
    place  text NOT NULL REFERENCES places, -- this place and below, unless a nearer one says otherwise
    target double precision NOT NULL CHECK (target >= 0),
    unit   text NOT NULL CHECK (unit <> 'percent' OR target <= 100),
    source text NOT NULL,                 -- where the figure comes from
    set_by text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kpi, place)
);

CREATE TABLE coverage_points (            -- where a camera must be: key road sections (天网), required points of a community (雪亮)
    code    text PRIMARY KEY,
    network text NOT NULL CHECK (network IN ('xueliang', 'tianwang')),
    place   text NOT NULL REFERENCES places,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    device  text REFERENCES devices,      -- the camera that covers it
    set_by  text NOT NULL,
    set_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX coverage_points_place ON coverage_points (place);
