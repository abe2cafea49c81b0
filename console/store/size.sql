-- What events take, for `shequ bench size`.

-- fill --
INSERT INTO events (device, id, at, estate, type, data, flags, received_at)
SELECT 'd' || n %% 5000, to_char(n, 'FM00000000') || '-' || substr(md5(n::text), 1, 8), at, 'e' || n %% 20, 'state',
    jsonb_build_object('battery', 50 + n %% 50, 'rssi', -60 - n %% 30), '{}', at + INTERVAL '80 ms'
FROM generate_series(1, %(rows)s::bigint) n
CROSS JOIN LATERAL (SELECT date_trunc('day', now() - %(ago)s::interval) + n * INTERVAL '1 day' / (%(rows)s + 1) AS at) moment

-- taken --
SELECT sum(table_bytes)::bigint AS heap, sum(index_bytes)::bigint AS indexes, sum(toast_bytes)::bigint AS toast,
    sum(total_bytes)::bigint AS total FROM chunks_detailed_size('events')

-- indexes --
SELECT regexp_replace(x.indexrelname, '^_hyper_[0-9]+_[0-9]+_chunk_', '') AS name, sum(pg_relation_size(x.indexrelid))::bigint AS bytes
FROM pg_stat_all_indexes x JOIN timescaledb_information.chunks c
    ON c.chunk_schema = x.schemaname AND c.chunk_name = x.relname AND c.hypertable_name = 'events'
GROUP BY 1 ORDER BY 2 DESC

-- interval --
SELECT extract(epoch FROM time_interval)::float8 AS seconds FROM timescaledb_information.dimensions WHERE hypertable_name = 'events'

-- edition --
SELECT current_setting('timescaledb.license') AS license

-- compress --
ALTER TABLE events SET (timescaledb.compress, timescaledb.compress_segmentby = 'device', timescaledb.compress_orderby = 'at')

-- compress_chunks --
SELECT compress_chunk(c) FROM show_chunks('events') c

-- write --
INSERT INTO events (device, id, at, estate, type, data, flags, received_at)
SELECT 'd' || n, %(batch)s || '-' || n, clock_timestamp(), 'e1', 'state', '{"battery": 50}', '{}', clock_timestamp()
FROM generate_series(1, %(rows)s) n
