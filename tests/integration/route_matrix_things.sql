-- One of everything in EST1, made once there are people with logins.
INSERT INTO place_anchors (place, lat, lon) VALUES ('EST1', 30.97, 104.28);
INSERT INTO devices (id, estate, place, profile, name_zh, name_en, online) VALUES
    ('smoke-1', 'EST1', 'EST1-B1', 'smoke_sensor', 'Innenhof', 'Innenhof', true),
    ('cam-1', 'EST1', 'EST1', 'camera', 'Innenhof', 'Innenhof', true);
INSERT INTO events (device, id, at, estate, type, data, received_at) VALUES
    ('cam-1', 'e1', now(), 'EST1', 'camera.object', '{"snapshot": "EST1/cam-1/1.jpg"}', now());
INSERT INTO ingest_progress (worker, batch, clock) VALUES ('w', gen_random_uuid(), now());
INSERT INTO incidents (case_code, state, severity, code, estate, place, opened_by, title)
    VALUES ('510681-20260601-01-0001', 'dispatched', 2, 'FIRE-001', 'EST1', 'EST1-B1', 'x', 'Innenhof');
INSERT INTO alerts (fingerprint, rule, code, severity, estate, place, subject, device, reason, first_seen, last_seen)
    VALUES ('f1', 'fire-smoke', 'FIRE-001', 1, 'EST1', 'EST1-B1', 'smoke-1', 'smoke-1', 'condition_met', now(), now());
INSERT INTO people (id, name, roles, org, place, user_name) VALUES
    ('p-1', 'Innenhof', '{GW}', 'GW', 'EST1', 'field-EST1');
INSERT INTO callees (device, rank, person, note) VALUES ('smoke-1', 1, 'p-1', 'Innenhof');
INSERT INTO orders (incident_id, org, sent_by, person) SELECT id, 'GW', 'x', 'p-1' FROM incidents;
INSERT INTO attachments (incident_id, sha256, media_type, size, width, height, taken_at, by_whom)
    SELECT id, repeat('a', 64), 'image/jpeg', 1, 1, 1, now(), 'x' FROM incidents;
INSERT INTO floor_plans (place, content, sha256, media_type, width, height, by_whom)
    VALUES ('EST1-B1', '\x01', repeat('a', 64), 'image/jpeg', 1, 1, 'x');
INSERT INTO floor_pins (place, device, x, y, by_whom) VALUES ('EST1-B1', 'smoke-1', 0.5, 0.5, 'x');
INSERT INTO family_links (incident_id, token_hash, relation, created_by) SELECT id, '\x01', 'Innenhof', 'x' FROM incidents;
INSERT INTO hushes (kind, scope, author, reason, ends_at) VALUES ('silence', 'EST1-B1', 'x', 'Innenhof', now() + interval '1 h');
INSERT INTO repair_orders (estate, place, device, rule, kind, facts, moved_by)
    VALUES ('EST1', 'EST1-B1', 'smoke-1', 'fire-smoke', 'clean', '{"false_alarms": 3, "days": 30}', 'x');
INSERT INTO points_rules (code, points, name_zh, name_en, set_by) VALUES ('R1', 5, '好', 'good', 'x');
INSERT INTO points_ledger (holder, holder_kind, place, rule, points, reason, proposed_by)
    SELECT 'Innenhof', 'volunteer', 'EST1', 'R1', 5, 'Innenhof', min(name) FROM users;
INSERT INTO device_groups (code, estate, name_zh, name_en) VALUES ('g-1', 'EST1', 'Innenhof', 'Innenhof');
INSERT INTO device_commands (device, name, reason, asked_by, expires_at) VALUES ('smoke-1', 'silence', 'Innenhof', 'x', now());
INSERT INTO rollouts (name, stages, max_failed, stage_wait_s, data, created_by)
    VALUES ('Innenhof', '{100}', 0, 60, '{}', 'x');
INSERT INTO rollout_devices (rollout, device, stage) SELECT id, 'smoke-1', 0 FROM rollouts;
INSERT INTO enrolment_labels (label, code_hash, estate, profile, serial, created_by)
    VALUES ('L-1', '\x01', 'EST1', 'smoke_sensor', 'Innenhof', 'x');
INSERT INTO enrolments (kind, device, estate, profile) VALUES ('knock', 'Innenhof-9', 'EST1', 'smoke_sensor');
INSERT INTO endpoints (code, channel, driver, name_zh, name_en, place, settings)
    VALUES ('hook-1', 'webhook', 'http', 'Innenhof', 'Innenhof', 'EST1', '{"url": "https://hook.test/x"}');
INSERT INTO outbox (key, channel, to_whom, body, state, estate)
    VALUES ('k1', 'webhook', 'hook-1', '{"text": "Innenhof"}', 'failed', 'EST1');
INSERT INTO channel_test_plans (endpoint, every_s, window_s, by_whom) VALUES ('hook-1', 60, 10, 'x');
INSERT INTO grids (code, kind, community, name_zh, name_en) VALUES ('510681101001001', 'base', 'EST1', 'Innenhof', 'Innenhof');
INSERT INTO posts (code, name_zh, name_en, role, place) VALUES ('post-1', 'Innenhof', 'Innenhof', 'GW', 'EST1');
INSERT INTO rosters (post, person, starts, ends, created_by)
    VALUES ('post-1', 'p-1', now() - interval '1 h', now() + interval '1 h', 'x');
INSERT INTO leaves (person, starts, ends, kind, created_by) VALUES ('p-1', now(), now() + interval '1 h', 'leave', 'x');
INSERT INTO resources (id, kind, name_zh, name_en, place) VALUES ('aed-1', 'aed', 'Innenhof', 'Innenhof', 'EST1');
INSERT INTO kpi_targets (kpi, place, target, unit, source, set_by) VALUES ('ack_p90_s', 'EST1-B1', 60, 'seconds', 'Innenhof', 'x');
INSERT INTO personal.consents (person, purpose, version, words, given_by, recorded_by)
    VALUES ('p-1', 'contact', 1, 'Innenhof', 'self', 'x');
INSERT INTO personal.requests (kind, person, note, asked_by, due_at)
    VALUES ('access', 'p-1', 'Innenhof', 'x', now() + interval '15 d');
INSERT INTO coverage_points (code, network, place, name_zh, name_en, set_by)
    VALUES ('1', 'xueliang', 'EST1-B1', 'Innenhof', 'Innenhof', 'x');
INSERT INTO quarantine (received_at, topic, payload, size, stage, reason, detail)
    VALUES (now(), 'shequ/v1/EST1/Innenhof/event', 'Innenhof', 8, 'decode', 'not_json', 'Innenhof');
INSERT INTO picture_grants (device, what, recorded_from, recorded_until, unit, place, reason, by_whom, expires_at)
    VALUES ('cam-1', '{picture}', now() - interval '1 h', now(), 'GW', 'EST1', 'Innenhof', 'x', now() + interval '1 d');
INSERT INTO personal.organ_requests (organ, document, basis, device, recorded_from, recorded_until, taken_by)
    VALUES ('Innenhof', 'n 1', 'Innenhof', 'cam-1', now() - interval '1 h', now(), 'x');
INSERT INTO events (device, id, at, estate, type, data, received_at) VALUES
    ('smoke-1', 'g1', now(), 'EST1', 'gate.pass', '{"plate": "Innenhof"}', now());
INSERT INTO personal.reveals (who, subject, reason, until) VALUES ('nobody', 'person:p-1', 'Innenhof', now() + interval '1 min');
