-- One row per batch instead of one per moved memory: see schema.sql.
CREATE TABLE engine_journal (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changes text NOT NULL
);
ALTER TABLE engine_journal ALTER COLUMN changes SET STORAGE EXTERNAL;
