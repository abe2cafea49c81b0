-- server --
SELECT current_setting('server_version_num')::int / 10000 AS major,
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb

-- one_moment --
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY

-- snapshot --
SELECT pg_export_snapshot() AS name

-- tables --
SELECT nspname AS schema, relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname IN ('public', 'personal') AND relkind IN ('r', 'p') ORDER BY nspname DESC, relname

-- digest --
-- What a table holds, whatever the order of its rows.
SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS digest FROM {table} t

-- one_form --
-- So that a row reads the same on every server.
SELECT set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO, YMD', false),
    set_config('extra_float_digits', '1', false), set_config('intervalstyle', 'postgres', false),
    set_config('bytea_output', 'hex', false)

-- empty --
SELECT NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')) AS empty

-- before_restore --
SELECT timescaledb_pre_restore()

-- after_restore --
SELECT timescaledb_post_restore()

-- refresh_statistics --
ANALYZE
