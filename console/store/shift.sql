-- add_grid_worker --
INSERT INTO people (id, name, roles, org, place, user_name)
VALUES (%(name)s, %(name)s, '{GW}', 'GW', %(place)s, %(name)s)

-- add_leader --
INSERT INTO people (id, name, roles, place) SELECT 'sl-1', '值班长', '{SL}', code FROM places WHERE cardinality(path) = 1

-- cases --
SELECT i.id, i.state, i.ladder,
    (SELECT min(l.at) FROM alert_log l JOIN alerts a ON a.id = l.alert_id
     WHERE a.incident_id = i.id AND l.action = 'auto_dispatch') AS auto_at,
    (SELECT r.plan FROM plan_runs r WHERE r.incident_id = i.id ORDER BY r.id LIMIT 1) AS plan,
    (SELECT jsonb_agg(s.state ORDER BY s.n) FROM plan_steps s JOIN plan_runs r ON r.id = s.run WHERE r.incident_id = i.id) AS steps
FROM incidents i ORDER BY i.id

-- letters --
SELECT key, channel, person, incident_id, state, last_error FROM outbox ORDER BY id

-- record --
SELECT incident_id, seq, at, action, actor, reason, detail FROM incident_log ORDER BY incident_id, seq

-- anchor --
INSERT INTO place_anchors (place, lat, lon) VALUES (%(place)s, %(lat)s, %(lon)s) ON CONFLICT (place) DO NOTHING

-- without_login --
SELECT id, name FROM people
WHERE active AND user_name IS NULL AND roles && '{GW,PM,FS,CP,AP,VOL,BL,UL,MT}' ORDER BY id

-- give_login --
UPDATE people SET user_name = %(name)s WHERE id = %(id)s

-- renew_logins --
UPDATE users SET password_hash = %(password_hash)s WHERE name LIKE 'sim-%%'

-- simulated_logins --
SELECT name FROM users WHERE name LIKE 'sim-%%' ORDER BY name
