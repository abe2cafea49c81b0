-- judged_to --
SELECT clock FROM ingest_progress

-- events --
SELECT device, id FROM events

-- alerts --
SELECT code, subject, severity FROM alerts

-- quarantined --
SELECT count(*) FROM quarantine
