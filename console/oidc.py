"""Logging in at the county's own identity server: OpenID Connect, authorization code with PKCE.

Who comes back must have an account here already, tied to that subject by the security
administrator: an identity server says who somebody is, never what they may do.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.database import Database
from console.problems import NotConfigured, Unauthenticated
from console.settings import ConsoleSettings
from ingest.store.sql import load

COOKIE: Final = "shequ_oidc"
WAIT_S: Final = 600
PATIENCE_S: Final = 10
_SQL: Final = load("console.store", "access.sql")
_ALGORITHMS: Final = ["RS256", "ES256", "PS256", "EdDSA"]  # never HS: our secret is no signing key


class IdentityServer:
    """One identity server, by its discovery document."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._issuer = (settings.oidc_issuer or "").rstrip("/")
        secret = settings.oidc_client_secret
        self._name, self._secret = settings.oidc_client_id, secret.get_secret_value() if secret else None

    @property
    def configured(self) -> bool:
        """Say whether there is one."""
        return bool(self._issuer)

    async def begin(self, database: Database, back: str) -> tuple[str, str]:
        """Answer where to send the browser, and the state it must bring back, to whichever console."""
        state, verifier, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        asked = {
            "response_type": "code",
            "client_id": self._name,
            "redirect_uri": back,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        }
        try:
            async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
                found = await self._discover(client)
        except (httpx.HTTPError, KeyError, ValueError) as exc:
            raise NotConfigured("the identity server does not answer: log in with your password") from exc
        kept = {"nonce": nonce, "verifier": verifier, "back": back}
        await database.write(lambda c: c.execute(_SQL["begin_oidc"], {**_about(state), **kept}))
        return f"{found['authorization_endpoint']}?{urlencode(asked)}", state

    async def finish(self, database: Database, state: str, kept: str, code: str) -> str:
        """Answer the subject that came back.

        Raises Unauthenticated for an answer that is not one to our question.
        """
        if not secrets.compare_digest(state.encode(), kept.encode()):
            raise Unauthenticated
        waiting = await database.row(_SQL["finish_oidc"], _about(state))
        if waiting is None:
            raise Unauthenticated
        try:
            async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
                found = await self._discover(client)
                answer = await client.post(
                    found["token_endpoint"],
                    data={
                        "grant_type": "authorization_code",
                        "code": code,
                        "redirect_uri": waiting["back"],
                        "client_id": self._name,
                        "code_verifier": waiting["verifier"],
                    },
                    auth=(self._name, self._secret) if self._secret else httpx.USE_CLIENT_DEFAULT,
                )
                token = answer.raise_for_status().json()
                keys = KeySet.import_key_set((await client.get(found["jwks_uri"])).raise_for_status().json())
            claims = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": found["issuer"]},
                aud={"essential": True, "value": self._name},
                exp={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": waiting["nonce"]},
            ).validate(claims)
        except (JoseError, httpx.HTTPError, KeyError, ValueError) as exc:
            raise Unauthenticated from exc
        return str(claims["sub"])

    async def _discover(self, client: httpx.AsyncClient) -> dict[str, Any]:
        if not self.configured:
            raise NotConfigured("no identity server is configured (SHEQU_OIDC_ISSUER)")
        answer = await client.get(f"{self._issuer}/.well-known/openid-configuration")
        found: dict[str, Any] = answer.raise_for_status().json()
        if str(found["issuer"]).rstrip("/") != self._issuer:
            raise Unauthenticated
        return found


def _about(state: str) -> dict[str, Any]:
    return {"state_hash": hashlib.sha256(state.encode()).digest(), "wait_s": WAIT_S}
