-- When ingest last committed anything, by the wall clock; NULL where its clock is that of a drill.
ALTER TABLE ingest_progress ADD COLUMN heard_at timestamptz;
