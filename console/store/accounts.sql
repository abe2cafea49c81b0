-- take_login_attempt --
-- The attempt counts as failed before the password is looked at, so that parallel guesses count too;
-- and it counts for a name that nobody has as well, so that being locked does not tell who exists.
INSERT INTO login_tries AS t (name, failures) VALUES (%(tried)s, 1)
ON CONFLICT (name) DO UPDATE SET
    last_at = now(),
    failures = CASE WHEN t.locked_until IS NOT NULL OR t.last_at < now() - INTERVAL '1 day' THEN 1 ELSE t.failures + 1 END,
    locks = CASE WHEN t.last_at < now() - INTERVAL '1 day' THEN 0
                 WHEN t.locked_until IS NULL AND t.failures + 1 >= %(tries)s THEN t.locks + 1 ELSE t.locks END,
    locked_until = CASE WHEN t.locked_until IS NULL AND t.failures + 1 >= %(tries)s AND t.last_at >= now() - INTERVAL '1 day'
        THEN now() + make_interval(mins => least(1440, %(minutes)s * 2 ^ least(t.locks, 10))::int) END
WHERE t.locked_until IS NULL OR t.locked_until <= now()
RETURNING failures

-- login_lock --
SELECT ceil(extract(epoch FROM locked_until - now()))::int AS locked_s FROM login_tries
WHERE name = %(tried)s AND locked_until > now()

-- login_user --
SELECT password_hash, disabled, totp_on FROM users WHERE name = %(name)s

-- login_done --
DELETE FROM login_tries WHERE name = %(tried)s OR last_at < now() - INTERVAL '2 days'

-- set_password_hash --
UPDATE users SET password_hash = %(password_hash)s WHERE name = %(name)s

-- open_session --
INSERT INTO sessions (token_hash, user_name, expires_at, source)
VALUES (%(token_hash)s, %(name)s, now() + make_interval(secs => %(seconds)s), %(source)s)

-- sweep_sessions --
-- Those of field staff stay a day: whether their shift lasts is asked when they are used.
DELETE FROM sessions USING users u
WHERE u.name = sessions.user_name AND CASE
    WHEN u.role = 'field' THEN greatest(expires_at, sessions.created_at + INTERVAL '24 hours') < now()
    ELSE expires_at < now() OR used_at < now() - make_interval(secs => %(idle_s)s) END

-- close_session --
DELETE FROM sessions WHERE token_hash = %(token_hash)s RETURNING user_name

-- session --
-- Used only now and then, so that reading does not become writing. A phone lies in a pocket for hours: field
-- staff have a limit of their own, and none within a day while the roster says that they are on duty.
WITH found AS (
    SELECT s.token_hash, s.used_at, s.id, u.name, u.display_name, u.role, u.scope, u.totp_on, u.must_change
    FROM sessions s JOIN users u ON u.name = s.user_name
    WHERE s.token_hash = %(token_hash)s AND NOT u.disabled
      AND (s.expires_at > now()
           AND s.used_at > now() - make_interval(secs => CASE WHEN u.role = 'field' THEN %(field_idle_s)s ELSE %(idle_s)s END)
           OR u.role = 'field' AND s.created_at > now() - INTERVAL '24 hours'
              AND EXISTS (SELECT FROM people e JOIN rosters r ON r.person = e.id
                          WHERE e.user_name = u.name AND e.active AND r.cancelled_at IS NULL
                            AND now() BETWEEN r.starts AND r.ends))
), touched AS (
    UPDATE sessions SET used_at = now() FROM found
    WHERE sessions.token_hash = found.token_hash AND found.used_at < now() - make_interval(secs => %(idle_s)s / 20)
)
SELECT name, display_name, role, scope, id, totp_on, must_change FROM found

-- add_user --
INSERT INTO users (name, display_name, password_hash, role, scope)
VALUES (%(name)s, %(display_name)s, %(password_hash)s, %(role)s, %(scope)s)
ON CONFLICT (name) DO NOTHING
RETURNING name

-- place_exists --
SELECT 1 AS yes FROM places WHERE code = %(code)s

-- change_password --
WITH unlocked AS (DELETE FROM login_tries WHERE name = lower(%(name)s))
UPDATE users SET password_hash = %(password_hash)s, must_change = %(must_change)s WHERE name = %(name)s RETURNING name

-- close_sessions --
DELETE FROM sessions WHERE user_name = %(name)s

-- disable_user --
UPDATE users SET disabled = %(disabled)s WHERE name = %(name)s RETURNING name

-- users --
SELECT u.name, u.display_name, u.role, u.scope, u.disabled, coalesce(t.locked_until > now(), false) AS locked, u.created_at
FROM users u LEFT JOIN login_tries t ON t.name = lower(u.name) ORDER BY u.name

-- audit --
INSERT INTO audit_log (actor, action, object, success, detail, source)
VALUES (%(actor)s, %(action)s, %(object)s, %(success)s, %(detail)s, %(source)s)

-- anybody --
SELECT name FROM users LIMIT 1

-- lock_users --
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE
