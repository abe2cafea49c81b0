-- The life cycle, its clocks, and confirm-before-119 (issue 4, docs/adr/019-duty.md).
-- depends: 0005_pre_registry

ALTER TABLE incidents ADD COLUMN kind text NOT NULL DEFAULT 'alert' CHECK (kind IN ('alert', 'dispute', 'security', 'people', 'service', 'other'));
ALTER TABLE incidents ADD COLUMN source text NOT NULL DEFAULT '01' CHECK (source ~ '^[0-9]{2}$');
ALTER TABLE incidents ADD COLUMN title text NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN summary text NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN reporter text;
ALTER TABLE incidents ADD COLUMN reporter_phone text;
ALTER TABLE incidents ADD COLUMN cause text;
ALTER TABLE incidents ADD COLUMN merged_into bigint REFERENCES incidents;
ALTER TABLE incidents ADD COLUMN drill boolean NOT NULL DEFAULT false;
ALTER TABLE incidents ADD COLUMN legal_grade text CHECK (legal_grade IN ('extraordinary', 'major', 'serious', 'ordinary'));
ALTER TABLE incidents ADD COLUMN accepted_at timestamptz;
ALTER TABLE incidents ADD COLUMN signed_at timestamptz;
ALTER TABLE incidents ADD COLUMN arrived_at timestamptz;
ALTER TABLE incidents ADD COLUMN paused_at timestamptz;
ALTER TABLE incidents ADD COLUMN ladder smallint NOT NULL DEFAULT 0 CHECK (ladder BETWEEN 0 AND 3);
ALTER TABLE incidents ADD COLUMN supervised_at timestamptz;
ALTER TABLE incidents ADD COLUMN returns integer NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN wish jsonb;
CREATE INDEX incidents_merged ON incidents (merged_into) WHERE merged_into IS NOT NULL;
UPDATE incidents SET source = substring(case_code FROM 15 FOR 2);

ALTER TABLE alerts ADD COLUMN ack_until timestamptz;
ALTER TABLE alerts ADD COLUMN lapses integer NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN confirm_until timestamptz;
ALTER TABLE alerts ADD COLUMN verdict text CHECK (verdict IN ('confirmed', 'assumed', 'bypassed', 'refuted'));
ALTER TABLE alerts ADD COLUMN verdict_at timestamptz;
ALTER TABLE alerts ADD COLUMN verdict_by text;

CREATE FUNCTION incident_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'incident_log is append-only'; END $$;
CREATE TRIGGER incident_log_stays BEFORE UPDATE OR DELETE ON incident_log -- per row: it holds in the chunks too
    FOR EACH ROW EXECUTE FUNCTION incident_log_stays();
CREATE TRIGGER incident_log_whole BEFORE TRUNCATE ON incident_log
    FOR EACH STATEMENT EXECUTE FUNCTION incident_log_stays();

ALTER TABLE orders ADD COLUMN person text;
ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN due_at timestamptz;
ALTER TABLE orders ADD COLUMN accepted_at timestamptz;
ALTER TABLE orders ADD COLUMN accepted_by text;
ALTER TABLE orders ADD COLUMN arrived_at timestamptz;
ALTER TABLE orders ADD COLUMN done_at timestamptz;
ALTER TABLE orders ADD COLUMN returned_at timestamptz;
ALTER TABLE orders ADD CHECK (state IN ('sent', 'acknowledged', 'on_scene', 'done', 'returned', 'recalled'));
CREATE INDEX orders_person ON orders (person, sent_at DESC) WHERE person IS NOT NULL;
CREATE INDEX orders_org ON orders (org, sent_at DESC);

CREATE TABLE incident_clocks (            -- one promise: it is kept (met_at), waits (spent and paused), or its time runs out
    incident_id bigint NOT NULL REFERENCES incidents,
    clock       text NOT NULL CHECK (clock IN ('accept', 'sign', 'arrive', 'close')),
    seq         integer NOT NULL DEFAULT 1, -- 1, 2, ...: a new order is a new promise to sign
    limit_s     double precision NOT NULL CHECK (limit_s > 0),
    working     boolean NOT NULL,         -- counts working time only
    began_at    timestamptz NOT NULL,     -- the promise was given
    from_at     timestamptz,              -- it runs since then; null: it stands still
    spent_s     double precision NOT NULL DEFAULT 0, -- used up before from_at
    amber_at    timestamptz,              -- 80 %; these three are null while it stands still
    due_at      timestamptz,              -- 100 %
    supervise_at timestamptz,             -- 150 %
    met_at      timestamptz,              -- kept or given up then
    breached_at timestamptz,              -- its time was up then
    level       smallint NOT NULL DEFAULT 0 CHECK (level IN (0, 80, 100, 150)), -- what duty has acted on
    PRIMARY KEY (incident_id, clock, seq)
);
CREATE INDEX incident_clocks_running ON incident_clocks (due_at) WHERE met_at IS NULL;

ALTER TABLE timers ADD COLUMN set_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE timers ADD COLUMN step integer NOT NULL DEFAULT 0;
ALTER TABLE timers ADD COLUMN retry_at timestamptz;
ALTER TABLE timers ADD COLUMN attempts integer NOT NULL DEFAULT 0;
ALTER TABLE timers ADD COLUMN last_error text;
CREATE INDEX timers_duty ON timers (due_at) WHERE kind <> 'rule';
