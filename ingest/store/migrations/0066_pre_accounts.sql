-- Second factor, personal tokens, failures by name, outside identities (docs/adr/041-accounts.md).
-- depends: 0065_pre_administrators

ALTER TABLE users ADD COLUMN totp_secret text;
ALTER TABLE users ADD COLUMN totp_on boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN totp_step bigint NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN must_change boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN oidc_subject text UNIQUE;
ALTER TABLE sessions ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY UNIQUE;
ALTER TABLE sessions ADD COLUMN source text NOT NULL DEFAULT '';

CREATE TABLE login_tries (                -- wrong passwords by name, whether anybody has that name or not
    name         text PRIMARY KEY,
    failures     integer NOT NULL DEFAULT 0,
    locks        integer NOT NULL DEFAULT 0, -- each lock in a row is twice as long as the one before
    locked_until timestamptz,
    last_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE recovery_codes (             -- each opens one login in place of the second factor
    user_name text NOT NULL REFERENCES users ON DELETE CASCADE,
    code_hash bytea NOT NULL,             -- SHA-256 of a random code
    PRIMARY KEY (user_name, code_hash)
);

CREATE TABLE api_tokens (                 -- personal tokens for programs; shown once, kept as a hash
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name  text NOT NULL REFERENCES users ON DELETE CASCADE,
    title      text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,     -- SHA-256
    may_write  boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz,
    CHECK (expires_at <= created_at + INTERVAL '366 days')
);
CREATE INDEX api_tokens_user ON api_tokens (user_name);
