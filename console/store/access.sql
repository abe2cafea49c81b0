-- begin_totp --
-- A secret that no code has been shown for yet opens nothing; one in force is not replaced.
UPDATE users SET totp_sealed = %(sealed)s, totp_secret = NULL WHERE name = %(name)s AND NOT totp_on RETURNING name

-- totp --
SELECT totp_secret, totp_sealed, totp_on FROM users WHERE name = %(name)s FOR UPDATE

-- plain_totp --
SELECT name, totp_secret FROM users WHERE totp_secret IS NOT NULL FOR UPDATE

-- seal_totp --
UPDATE users SET totp_sealed = %(sealed)s, totp_secret = NULL WHERE name = %(name)s

-- totp_under_old_keys --
-- The key's name stands after the form's byte (ingest/vault.py).
SELECT name, totp_sealed FROM users WHERE substr(totp_sealed, 2, 8) <> %(key)s LIMIT 500 FOR UPDATE SKIP LOCKED

-- use_step --
-- A code opens once, whoever is faster.
UPDATE users SET totp_step = %(step)s, totp_on = true WHERE name = %(name)s AND totp_step < %(step)s RETURNING name

-- end_totp --
UPDATE users SET totp_sealed = NULL, totp_secret = NULL, totp_on = false WHERE name = %(name)s RETURNING name

-- forget_codes --
DELETE FROM recovery_codes WHERE user_name = %(name)s

-- add_code --
INSERT INTO recovery_codes (user_name, code_hash) VALUES (%(name)s, %(hash)s)

-- use_code --
DELETE FROM recovery_codes WHERE user_name = %(name)s AND code_hash = %(hash)s RETURNING user_name

-- add_token --
INSERT INTO api_tokens (user_name, title, token_hash, may_write, expires_at)
VALUES (%(name)s, %(title)s, %(hash)s, %(may_write)s, now() + make_interval(days => %(days)s))
RETURNING id, title, may_write, created_at, expires_at, used_at

-- tokens --
SELECT id, title, may_write, created_at, expires_at, used_at FROM api_tokens
WHERE user_name = %(name)s AND revoked_at IS NULL AND expires_at > now() ORDER BY id

-- revoke_token --
UPDATE api_tokens SET revoked_at = now() WHERE id = %(id)s AND user_name = %(name)s AND revoked_at IS NULL RETURNING title

-- token_holder --
WITH found AS (
    SELECT t.id, t.used_at, t.may_write, u.name, u.display_name, u.role, u.scope, u.totp_on, u.must_change
    FROM api_tokens t JOIN users u ON u.name = t.user_name
    WHERE t.token_hash = %(token_hash)s AND t.revoked_at IS NULL AND t.expires_at > now() AND NOT u.disabled
), touched AS (
    UPDATE api_tokens SET used_at = now() FROM found
    WHERE api_tokens.id = found.id AND coalesce(found.used_at, '-infinity') < now() - INTERVAL '1 minute'
)
SELECT name, display_name, role, scope, may_write, totp_on, must_change FROM found

-- my_sessions --
SELECT id, created_at, used_at, expires_at, source FROM sessions
WHERE user_name = %(name)s AND expires_at > now() AND used_at > now() - make_interval(secs => CASE WHEN %(field)s THEN %(field_idle_s)s ELSE %(idle_s)s END) ORDER BY id DESC

-- end_session --
DELETE FROM sessions WHERE id = %(id)s AND user_name = %(name)s RETURNING id

-- end_other_sessions --
DELETE FROM sessions WHERE user_name = %(name)s AND id IS DISTINCT FROM %(id)s

-- password_of --
SELECT password_hash FROM users WHERE name = %(name)s

-- users --
SELECT u.name, u.display_name, u.role, u.scope, u.disabled, u.totp_on, u.created_at,
    coalesce(t.locked_until > now(), false) AS locked,
    (SELECT max(s.used_at) FROM sessions s WHERE s.user_name = u.name) AS seen_at
FROM users u LEFT JOIN login_tries t ON t.name = lower(u.name)
LEFT JOIN places p ON p.code = u.scope
WHERE (%(scope)s::text IS NULL OR p.path @> ARRAY[%(scope)s::text]) AND (%(name)s::text IS NULL OR u.name = %(name)s)
ORDER BY u.name

-- change_user --
UPDATE users SET display_name = coalesce(%(display_name)s, display_name), role = coalesce(%(role)s, role),
    scope = CASE WHEN %(rescope)s THEN %(scope)s ELSE scope END, disabled = coalesce(%(disabled)s, disabled)
WHERE name = %(name)s

-- forgive --
DELETE FROM login_tries WHERE name = lower(%(name)s)

-- set_subject --
UPDATE users SET oidc_subject = %(subject)s WHERE name = %(name)s

-- by_subject --
SELECT name, disabled, role FROM users WHERE oidc_subject = %(subject)s

-- take_rate --
-- What is left after this try; below zero: it may not be made, and costs nothing more. Old keys go on the way.
WITH old AS (
    DELETE FROM rates WHERE key IN (SELECT key FROM rates WHERE at < now() - INTERVAL '1 day' AND key <> %(key)s LIMIT 20)
)
INSERT INTO rates AS r (key, tokens) VALUES (%(key)s, %(burst)s::float8 - 1)
ON CONFLICT (key) DO UPDATE SET at = now(),
    tokens = least(%(burst)s, greatest(r.tokens, 0) + greatest(extract(epoch FROM now() - r.at), 0) * %(per_s)s) - 1
RETURNING tokens

-- rate_left --
SELECT least(%(burst)s, greatest(tokens, 0) + extract(epoch FROM now() - at) * %(per_s)s) - 1 AS tokens
FROM rates WHERE key = %(key)s

-- begin_oidc --
-- Nobody has more than a thousand under way: the oldest is forgotten first.
WITH old AS (
    DELETE FROM oidc_logins WHERE at < now() - make_interval(secs => %(wait_s)s)
        OR at < (SELECT at FROM oidc_logins ORDER BY at DESC OFFSET 1000 LIMIT 1)
)
INSERT INTO oidc_logins (state_hash, nonce, verifier, back) VALUES (%(state_hash)s, %(nonce)s, %(verifier)s, %(back)s)

-- finish_oidc --
DELETE FROM oidc_logins WHERE state_hash = %(state_hash)s AND at > now() - make_interval(secs => %(wait_s)s)
RETURNING nonce, verifier, back
