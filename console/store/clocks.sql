-- clocks --
SELECT DISTINCT ON (clock) * FROM incident_clocks WHERE incident_id = %(id)s ORDER BY clock, seq DESC

-- put_clock --
INSERT INTO incident_clocks (incident_id, clock, seq, limit_s, working, began_at, from_at, spent_s, amber_at, due_at,
                             supervise_at, met_at, breached_at, level)
VALUES (%(id)s, %(clock)s, %(seq)s, %(limit_s)s, %(working)s, %(began_at)s, %(from_at)s, %(spent_s)s, %(amber_at)s,
        %(due_at)s, %(supervise_at)s, %(met_at)s, %(breached_at)s, %(level)s)
ON CONFLICT (incident_id, clock, seq) DO UPDATE SET limit_s = excluded.limit_s, from_at = excluded.from_at,
    spent_s = excluded.spent_s, amber_at = excluded.amber_at, due_at = excluded.due_at,
    supervise_at = excluded.supervise_at, met_at = excluded.met_at, breached_at = excluded.breached_at,
    level = excluded.level

-- forget_levels --
DELETE FROM timers WHERE kind = 'sla' AND subject = ANY (%(subjects)s::text[])

-- set_timer --
INSERT INTO timers (kind, subject, due_at) VALUES (%(kind)s, %(subject)s, %(due_at)s)
ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at, version = timers.version + 1, retry_at = NULL,
    attempts = 0, last_error = NULL

-- drop_timers --
DELETE FROM timers WHERE kind = ANY (%(kinds)s::text[]) AND subject = %(subject)s

-- changed_rule --
-- The rule in force of a code that people changed; where several share the code, the first one speaks for it.
SELECT v.rule, v.version, v.source FROM rules r JOIN rule_versions v ON v.rule = r.id
WHERE r.code = %(code)s AND v.state = 'live' AND v.origin = 'local'
ORDER BY v.rule LIMIT 1
