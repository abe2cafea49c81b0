-- Retention by a process that may not delete: each function takes one class of data away, and nothing that is younger than
-- its floor, whoever asks and whatever for (docs/adr/054-database-roles.md). Run after every migration; safe to repeat.

CREATE OR REPLACE FUNCTION retention_floor(class text) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT days * INTERVAL '1 day' FROM (VALUES
        ('events', 30), ('device_status', 30), ('rule_silences', 7), ('alert_log', 183), ('incident_log', 183),
        ('audit_log', 183), ('reporters', 30), ('positions', 1), ('letters', 183),
        ('photos', 183), ('dossiers', 1095), ('register', 1095), ('reveals', 183), ('idempotency', 1), ('sessions', 0)
    ) AS floors (name, days) WHERE name = class
$$;

CREATE OR REPLACE FUNCTION must_be_old(class text, before timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF before IS NULL OR retention_floor(class) IS NULL OR before > clock_timestamp() - retention_floor(class) THEN
        RAISE EXCEPTION 'of % nothing goes that is younger than %', class, retention_floor(class);
    END IF;
END $$;

-- What goes, whatever the order of its rows: the same digest as that of backups.
CREATE OR REPLACE FUNCTION retire_chunk(which text, since timestamptz, until timestamptz)
RETURNS TABLE (rows bigint, digest text) LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old(which, until);
    EXECUTE format('SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM public.%I t
        WHERE at >= $1 AND at < $2', which) INTO rows, digest USING since, until;
    PERFORM drop_chunks(format('public.%I', which)::regclass, older_than => until, newer_than => since);
    RETURN NEXT;
END $$;

-- Who reported a case: until so long after its close.
CREATE OR REPLACE FUNCTION sweep_reporters(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('reporters', now() - keep);
    WITH gone AS (
        DELETE FROM personal.fields f USING incidents i
        WHERE f.subject = 'incident:' || i.id AND i.closed_at < now() - keep
          AND NOT EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id) RETURNING f.*
    )
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text INTO rows, digest FROM gone g;
    RETURN NEXT;
END $$;

-- Of people only, and not while they work on a case that is open.
CREATE OR REPLACE FUNCTION sweep_positions(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('positions', now() - keep);
    WITH gone AS (
        DELETE FROM personal.positions p WHERE p.at < now() - keep AND p.subject LIKE 'person:%'
          AND NOT EXISTS (SELECT FROM responders r JOIN incidents i ON i.id = r.incident_id
                          WHERE 'person:' || r.person = p.subject AND i.closed_at IS NULL)
        RETURNING p.*
    )
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text INTO rows, digest FROM gone g;
    RETURN NEXT;
END $$;

-- Photos of cases: the rows; the console deletes files that no row names any more (console/photo_files.py).
CREATE OR REPLACE FUNCTION sweep_photos(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('photos', now() - keep);
    WITH gone AS (
        DELETE FROM attachments a USING incidents i WHERE i.id = a.incident_id AND i.closed_at < now() - keep
          AND NOT EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id) RETURNING a.*
    )
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text INTO rows, digest FROM gone g;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION sweep_dossiers(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('dossiers', now() - keep);
    PERFORM set_config('shequ.sweep', 'dossiers', true);
    WITH gone AS (
        DELETE FROM dossier_chain c USING incidents i WHERE i.id = c.incident_id AND i.closed_at < now() - keep
          AND NOT EXISTS (SELECT FROM case_holds h WHERE h.incident_id = i.id) RETURNING c.*
    )
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text INTO rows, digest FROM gone g;
    PERFORM set_config('shequ.sweep', '', true);
    RETURN NEXT;
END $$;

-- Who looked at which picture, what was opened to whom and handed out, on whose paper: the rows that others name go last.
CREATE OR REPLACE FUNCTION sweep_register(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
DECLARE old timestamptz := now() - keep; n bigint; d numeric; total numeric := 0;
BEGIN
    PERFORM must_be_old('register', old);
    PERFORM set_config('shequ.sweep', 'register', true);
    rows := 0;
    WITH gone AS (DELETE FROM picture_access WHERE at < old RETURNING *)
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0) INTO n, d FROM gone g;
    rows := rows + n; total := total + d;
    WITH gone AS (DELETE FROM picture_exports WHERE at < old RETURNING *)
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0) INTO n, d FROM gone g;
    rows := rows + n; total := total + d;
    WITH gone AS (DELETE FROM picture_grants g WHERE g.expires_at < old
                    AND NOT EXISTS (SELECT FROM picture_access a WHERE a.grant_id = g.id) RETURNING *)
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0) INTO n, d FROM gone g;
    rows := rows + n; total := total + d;
    WITH gone AS (DELETE FROM personal.organ_requests r WHERE r.decided_at < old
                    AND NOT EXISTS (SELECT FROM picture_exports x WHERE x.request = r.id) RETURNING *)
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0) INTO n, d FROM gone g;
    rows := rows + n; total := total + d;
    DELETE FROM personal.fields f WHERE f.subject LIKE 'organ:%'
      AND NOT EXISTS (SELECT FROM personal.organ_requests r WHERE 'organ:' || r.id = f.subject);
    PERFORM set_config('shequ.sweep', '', true);
    digest := total::text;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION sweep_reveals(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('reveals', now() - keep);
    WITH gone AS (DELETE FROM personal.reveals r WHERE r.at < now() - keep RETURNING r.*)
    SELECT count(*), coalesce(sum(hashtextextended(g::text, 0)::numeric), 0)::text INTO rows, digest FROM gone g;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION sweep_idempotency(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('idempotency', now() - keep);
    WITH gone AS (DELETE FROM idempotency WHERE at < now() - keep RETURNING 1) SELECT count(*), '' INTO rows, digest FROM gone;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION sweep_sessions(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('sessions', now() - keep);
    WITH gone AS (DELETE FROM sessions WHERE expires_at < now() - keep RETURNING 1) SELECT count(*), '' INTO rows, digest FROM gone;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION sweep_old_letters(keep interval) RETURNS TABLE (rows bigint, digest text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM must_be_old('letters', now() - keep);
    RETURN QUERY SELECT s.rows, s.digest FROM sweep_letters(keep) s;
END $$;

DO $$
DECLARE way text;
BEGIN
    FOREACH way IN ARRAY '{sweep_reporters(interval),sweep_positions(interval),sweep_photos(interval),sweep_dossiers(interval),sweep_register(interval),sweep_reveals(interval),sweep_idempotency(interval),sweep_sessions(interval),sweep_old_letters(interval),"retire_chunk(text,timestamptz,timestamptz)"}'::text[] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', way);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO shequ_part_ingest', way);
    END LOOP;
END $$;
