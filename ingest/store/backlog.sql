-- put --
COPY ingest_backlog (worker, line, mid, topic, payload, received_at, retained, again) FROM STDIN

-- take --
SELECT number, line, mid, topic, payload, received_at, retained, again FROM ingest_backlog
WHERE worker = %(worker)s AND number > %(after)s ORDER BY number LIMIT %(most)s

-- count --
SELECT count(*) FROM ingest_backlog WHERE worker = %(worker)s AND number > %(after)s

-- forget --
DELETE FROM ingest_backlog WHERE worker = %(worker)s AND number <= %(last)s
