-- How a case's dossier writes itself: triggers append to dossier_chain in the transaction of whatever happened, so no
-- path of the code can forget it (docs/adr/023-dossier.md). They run with their owner's rights: nobody else writes it. Run after every migration; safe to repeat.

-- RFC 8785's idea with PostgreSQL's numbers: keys in code point order, no blanks. rules/chain.py writes the same.
CREATE OR REPLACE FUNCTION canonical_json(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(value)
        WHEN 'object' THEN '{' || coalesce((
            SELECT string_agg(to_jsonb(key)::text || ':' || canonical_json(member), ',' ORDER BY key COLLATE "C")
            FROM jsonb_each(value) AS each_of (key, member)), '') || '}'
        WHEN 'array' THEN '[' || coalesce((
            SELECT string_agg(canonical_json(item), ',' ORDER BY n)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS item_of (item, n)), '') || ']'
        ELSE value::text
    END;
END $$;

CREATE OR REPLACE FUNCTION dossier_sha256(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT encode(sha256(convert_to(words, 'UTF8')), 'hex') $$;

-- The lock holds until the commit: the next entry is known only when this one is certain. What stands there already
-- word for word is not said twice.
CREATE OR REPLACE FUNCTION dossier_append(incident bigint, kind_ text, ref_ text, body_ jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp SET timezone TO 'UTC' AS $$
DECLARE
    last record;
    at_ text := to_jsonb(clock_timestamp()) #>> '{}';
    salt_ text := gen_random_uuid()::text;
    seq_ integer;
    prev_ text;
    digest_ text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('shequ_dossier'), incident::integer);
    SELECT c.body INTO last FROM dossier_chain c
    WHERE c.incident_id = incident AND c.kind = kind_ AND c.ref = ref_ ORDER BY c.seq DESC LIMIT 1;
    IF FOUND AND last.body = body_ THEN
        RETURN;
    END IF;
    SELECT c.seq, c.hash INTO last FROM dossier_chain c WHERE c.incident_id = incident ORDER BY c.seq DESC LIMIT 1;
    seq_ := coalesce(last.seq, 0) + 1;
    prev_ := coalesce(last.hash, repeat('0', 64));
    digest_ := dossier_sha256(salt_ || canonical_json(body_));
    INSERT INTO dossier_chain (incident_id, seq, kind, ref, at, salt, body, digest, prev, hash)
    VALUES (incident, seq_, kind_, ref_, at_, salt_, body_, digest_, prev_, dossier_sha256(canonical_json(
        jsonb_build_object('case', incident, 'seq', seq_, 'kind', kind_, 'ref', ref_, 'at', at_, 'digest', digest_, 'prev', prev_))));
END $$;

-- What the dossier keeps of each thing: one wording for the triggers and for the later comparison with the tables.
CREATE OR REPLACE FUNCTION dossier_alert(a alerts) RETURNS jsonb LANGUAGE sql STABLE SET timezone TO 'UTC' AS $$
    SELECT jsonb_build_object('id', a.id, 'fingerprint', a.fingerprint, 'rule', a.rule, 'rule_version', a.rule_version,
        'code', a.code, 'severity', a.severity, 'state', a.state, 'estate', a.estate, 'place', a.place, 'subject', a.subject,
        'device', a.device, 'reason', a.reason, 'explain', a.explain, 'first_seen', a.first_seen, 'raised_at', a.raised_at,
        'acked_at', a.acked_at, 'acked_by', a.acked_by, 'ended_at', a.ended_at, 'outcome', a.outcome, 'drill', a.drill)
$$;

CREATE OR REPLACE FUNCTION dossier_move(l incident_log) RETURNS jsonb LANGUAGE sql STABLE SET timezone TO 'UTC' AS
$$ SELECT to_jsonb(l) - 'incident_id' $$;

CREATE OR REPLACE FUNCTION dossier_order(o orders) RETURNS jsonb LANGUAGE sql STABLE SET timezone TO 'UTC' AS
$$ SELECT to_jsonb(o) - 'incident_id' $$;

CREATE OR REPLACE FUNCTION dossier_event(e events) RETURNS jsonb LANGUAGE sql STABLE SET timezone TO 'UTC' AS
$$ SELECT to_jsonb(e) $$;

CREATE OR REPLACE FUNCTION dossier_rule(v rule_versions) RETURNS jsonb LANGUAGE sql STABLE SET timezone TO 'UTC' AS
$$ SELECT jsonb_build_object('rule', v.rule, 'version', v.version, 'source', v.source, 'origin', v.origin, 'author', v.author, 'reason', v.reason) $$;

CREATE OR REPLACE FUNCTION dossier_letter(o outbox) RETURNS jsonb LANGUAGE sql STABLE SET timezone TO 'UTC' AS $$
    SELECT jsonb_build_object('id', o.id, 'key', o.key, 'channel', o.channel, 'to', o.to_whom, 'party', o.party, 'body', o.body,
        'person', o.person, 'drill', o.drill, 'created_at', o.created_at)
$$;

CREATE OR REPLACE FUNCTION dossier_receipt(r receipts) RETURNS jsonb LANGUAGE sql STABLE SET timezone TO 'UTC' AS
$$ SELECT to_jsonb(r) $$;

-- The events and rules behind a case's alerts, as far as the dossier lacks them; the moves too where the case is older
-- than the dossiers. What stands there already is never said anew: a changed event must not become the newest word. Later events of an alert come in when the case
-- ends or is exported, and so do letters and their receipts: whoever sends them must never wait for a case.
CREATE OR REPLACE FUNCTION dossier_gather(incident bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM dossier_chain WHERE incident_id = incident) THEN
        PERFORM dossier_append(incident, 'move', l.seq::text, dossier_move(l)) FROM incident_log l
        WHERE l.incident_id = incident ORDER BY l.seq;
        PERFORM dossier_append(incident, 'order', o.id::text, dossier_order(o)) FROM orders o
        WHERE o.incident_id = incident ORDER BY o.id;
        PERFORM dossier_append(incident, 'alert', a.id::text, dossier_alert(a)) FROM alerts a
        WHERE a.incident_id = incident ORDER BY a.id;
    END IF;
    PERFORM dossier_append(incident, 'rule', v.rule || '/' || v.version, dossier_rule(v))
    FROM rule_versions v
    WHERE EXISTS (SELECT FROM alerts a WHERE a.incident_id = incident AND a.rule = v.rule AND a.rule_version = v.version)
      AND NOT EXISTS (SELECT FROM dossier_chain c WHERE c.incident_id = incident AND c.kind = 'rule' AND c.ref = v.rule || '/' || v.version)
    ORDER BY v.rule, v.version;
    PERFORM dossier_append(incident, 'event', e.device || '/' || e.id, dossier_event(e))
    FROM alert_evidence s JOIN events e ON e.device = s.device AND e.id = s.event_id AND e.at = s.at
    WHERE s.alert_id IN (SELECT id FROM alerts WHERE incident_id = incident)
      AND NOT EXISTS (SELECT FROM dossier_chain c WHERE c.incident_id = incident AND c.kind = 'event' AND c.ref = e.device || '/' || e.id)
    ORDER BY e.at, e.device, e.id;
    PERFORM dossier_append(incident, 'message', 'letter/' || o.id, dossier_letter(o)) FROM outbox o
    WHERE (o.incident_id = incident OR o.alert_id IN (SELECT id FROM alerts WHERE incident_id = incident))
      AND NOT EXISTS (SELECT FROM dossier_chain c WHERE c.incident_id = incident AND c.kind = 'message' AND c.ref = 'letter/' || o.id)
    ORDER BY o.id;
    PERFORM dossier_append(incident, 'message', 'receipt/' || r.id, dossier_receipt(r)) FROM outbox o JOIN receipts r ON r.letter = o.id
    WHERE (o.incident_id = incident OR o.alert_id IN (SELECT id FROM alerts WHERE incident_id = incident))
      AND NOT EXISTS (SELECT FROM dossier_chain c WHERE c.incident_id = incident AND c.kind = 'message' AND c.ref = 'receipt/' || r.id)
    ORDER BY r.id;
END $$;

CREATE OR REPLACE FUNCTION dossier_on_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM dossier_append(NEW.incident_id, 'move', NEW.seq::text, dossier_move(NEW));
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION dossier_on_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM dossier_append(NEW.incident_id, 'order', NEW.id::text, dossier_order(NEW));
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION dossier_on_alert() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp AS $$
BEGIN
    PERFORM dossier_append(NEW.incident_id, 'alert', NEW.id::text, dossier_alert(NEW));
    IF TG_OP = 'INSERT' OR OLD.incident_id IS DISTINCT FROM NEW.incident_id THEN
        PERFORM dossier_gather(NEW.incident_id);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION dossier_on_verdict() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp SET timezone TO 'UTC' AS $$
DECLARE verdict jsonb;
BEGIN
    SELECT jsonb_object_agg(key, member) INTO verdict FROM jsonb_each(to_jsonb(NEW)) AS each_of (key, member)
    WHERE key IN ('case_code', 'state', 'severity', 'code', 'outcome', 'cause', 'closed_at', 'drill', 'legal_grade', 'merged_into');
    PERFORM dossier_gather(NEW.id);
    PERFORM dossier_append(NEW.id, 'verdict', NEW.id::text, verdict);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION dossier_on_rating() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp SET timezone TO 'UTC' AS $$
BEGIN
    PERFORM dossier_append(NEW.incident_id, 'rating', NEW.incident_id::text, to_jsonb(NEW));
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION dossier_on_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp SET timezone TO 'UTC' AS $$
BEGIN
    PERFORM dossier_append(NEW.incident_id, 'link', NEW.id::text,
        to_jsonb(NEW) - '{incident_id,token_hash,opened,opened_at}'::text[]);
    RETURN NULL;
END $$;
-- Who looked: every audit line that names the case, but the moves, which are there already.
CREATE OR REPLACE FUNCTION dossier_on_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp SET timezone TO 'UTC' AS $$
DECLARE subject bigint;
BEGIN
    SELECT id INTO subject FROM incidents WHERE id = (NEW.detail ->> 'incident')::bigint;
    IF subject IS NOT NULL THEN
        PERFORM dossier_append(subject, 'view', to_jsonb(NEW.at) #>> '{}', to_jsonb(NEW));
    END IF;
    RETURN NULL;
END $$;
-- A thing of a table that another part of the platform owns, by its incident_id and id.
CREATE OR REPLACE FUNCTION dossier_on_thing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO public, pg_temp SET timezone TO 'UTC' AS $$
BEGIN
    PERFORM dossier_append(NEW.incident_id, TG_ARGV[0], NEW.id::text, to_jsonb(NEW) - 'incident_id');
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- only `sweep_dossiers` deletes, and says so for its own transaction
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'dossier_chain' AND current_setting('shequ.sweep', true) = 'dossiers' THEN RETURN NULL; END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

DO $$
DECLARE wanted record;
BEGIN
    FOR wanted IN SELECT * FROM (VALUES
        ('incident_log', 'AFTER INSERT ON incident_log FOR EACH ROW EXECUTE FUNCTION dossier_on_move()'),
        ('orders', 'AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION dossier_on_order()'),
        ('alerts', 'AFTER INSERT OR UPDATE ON alerts FOR EACH ROW WHEN (NEW.incident_id IS NOT NULL) EXECUTE FUNCTION dossier_on_alert()'),
        ('incidents', 'AFTER UPDATE ON incidents FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION dossier_on_verdict()'),
        ('audit_log', 'AFTER INSERT ON audit_log FOR EACH ROW WHEN (jsonb_typeof(NEW.detail -> ''incident'') = ''number'') EXECUTE FUNCTION dossier_on_audit()'),
        ('ratings', 'AFTER INSERT ON ratings FOR EACH ROW EXECUTE FUNCTION dossier_on_rating()'),
        ('family_links', 'AFTER INSERT OR UPDATE OF revoked_at ON family_links FOR EACH ROW EXECUTE FUNCTION dossier_on_link()'),
        ('attachments', 'AFTER INSERT ON attachments FOR EACH ROW WHEN (NEW.incident_id IS NOT NULL) EXECUTE FUNCTION dossier_on_thing(''photo'')')
    ) AS listed (owner, way) WHERE to_regclass(owner) IS NOT NULL LOOP
        IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass(wanted.owner) AND tgname = 'dossier') THEN
            EXECUTE format('CREATE TRIGGER dossier %s', wanted.way);
        END IF;
    END LOOP;
    FOR wanted IN SELECT unnest('{dossier_chain,ratings,points_ledger,points_reviews}'::text[]) AS owner LOOP
        IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass(wanted.owner) AND tgname = 'append_only') THEN
            EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION append_only()', wanted.owner);
        END IF;
    END LOOP;
END $$;
