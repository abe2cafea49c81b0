-- take_login_attempt --
-- The attempt counts as failed before the password is looked at, so that parallel guesses count too.
UPDATE users SET
    failed_logins = CASE WHEN locked_until IS NULL THEN failed_logins + 1 ELSE 1 END,
    locked_until = CASE WHEN locked_until IS NULL AND failed_logins + 1 >= %(tries)s
                        THEN now() + make_interval(mins => %(minutes)s) END
WHERE name = %(name)s AND (locked_until IS NULL OR locked_until <= now())
RETURNING password_hash, role, disabled

-- login_lock --
-- Seconds a name is still locked. A name nobody has is locked by its record of failures, so that
-- being locked does not tell who exists.
SELECT ceil(extract(epoch FROM coalesce(
    (SELECT locked_until FROM users WHERE name = %(name)s),
    (SELECT max(tried.at) + make_interval(mins => %(minutes)s) FROM (
        SELECT at FROM audit_log
        WHERE at > now() - make_interval(mins => %(minutes)s)
          AND action = 'login' AND object = %(object)s AND NOT success AND detail->>'why' = 'wrong'
     ) tried
     WHERE NOT EXISTS (SELECT FROM users WHERE name = %(name)s)
     HAVING count(*) >= %(tries)s)
) - now()))::int AS locked_s

-- login_done --
UPDATE users SET failed_logins = 0, locked_until = NULL WHERE name = %(name)s

-- set_password_hash --
UPDATE users SET password_hash = %(password_hash)s WHERE name = %(name)s

-- open_session --
INSERT INTO sessions (token_hash, user_name, expires_at)
VALUES (%(token_hash)s, %(name)s, now() + make_interval(secs => %(seconds)s))

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
    SELECT s.token_hash, s.used_at, u.name, u.display_name, u.role, u.scope
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
SELECT name, display_name, role, scope FROM found

-- add_user --
INSERT INTO users (name, display_name, password_hash, role, scope)
VALUES (%(name)s, %(display_name)s, %(password_hash)s, %(role)s, %(scope)s)
ON CONFLICT (name) DO NOTHING
RETURNING name

-- place_exists --
SELECT 1 AS yes FROM places WHERE code = %(code)s

-- change_password --
UPDATE users SET password_hash = %(password_hash)s, failed_logins = 0, locked_until = NULL
WHERE name = %(name)s RETURNING name

-- close_sessions --
DELETE FROM sessions WHERE user_name = %(name)s

-- disable_user --
UPDATE users SET disabled = %(disabled)s WHERE name = %(name)s RETURNING name

-- users --
SELECT name, display_name, role, scope, disabled, locked_until > now() AS locked, created_at
FROM users ORDER BY name

-- audit --
INSERT INTO audit_log (actor, action, object, success, detail, source)
VALUES (%(actor)s, %(action)s, %(object)s, %(success)s, %(detail)s, %(source)s)
