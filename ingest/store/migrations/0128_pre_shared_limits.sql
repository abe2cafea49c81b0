-- Guards against guessing and logins under way hold for all consoles together (docs/adr/052-guarding-the-door.md).
-- Unlogged: after a crash of the database everybody begins anew.
-- depends: 0100_pre_operator

CREATE UNLOGGED TABLE rates (             -- how often somebody may still try something without an account
    key    text PRIMARY KEY,              -- what, and from which network address
    tokens double precision NOT NULL,     -- tries that were left at that time; below zero: none
    at     timestamptz NOT NULL DEFAULT now()
);

CREATE UNLOGGED TABLE oidc_logins (       -- logins that went to the identity server and have not come back
    state_hash bytea PRIMARY KEY,         -- SHA-256 of what the browser must bring back
    nonce      text NOT NULL,
    verifier   text NOT NULL,             -- of PKCE; good for the one code that comes back with the state
    back       text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);
