-- add_grid_worker --
INSERT INTO people (id, name, roles, org, place, user_name)
VALUES (%(name)s, %(name)s, '{GW}', 'GW', %(place)s, %(name)s)

-- cases --
SELECT id, state, ladder FROM incidents ORDER BY id

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
