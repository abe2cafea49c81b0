"""Logging in at the county's own identity server: OpenID Connect, authorization code with PKCE.

Who comes back must have an account here already, tied to that subject by the security
administrator: an identity server says who somebody is, never what they may do.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from console.problems import NotConfigured, Unauthenticated
from console.settings import ConsoleSettings

COOKIE: Final = "shequ_oidc"
WAIT_S: Final = 600
PATIENCE_S: Final = 10
_MOST: Final = 1000  # logins under way; the oldest is forgotten first
_ALGORITHMS: Final = ["RS256", "ES256", "PS256", "EdDSA"]  # never HS: our secret is no signing key


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderWay:
    """A login that went to the identity server and has not come back."""

    nonce: str
    verifier: str
    back: str


class IdentityServer:
    """One identity server, by its discovery document."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._issuer = (settings.oidc_issuer or "").rstrip("/")
        secret = settings.oidc_client_secret
        self._name, self._secret = settings.oidc_client_id, secret.get_secret_value() if secret else None
        self._under_way: OrderedDict[str, UnderWay] = OrderedDict()

    @property
    def configured(self) -> bool:
        """Say whether there is one."""
        return bool(self._issuer)

    async def begin(self, back: str) -> tuple[str, str]:
        """Answer where to send the browser, and the state it must bring back."""
        state, verifier, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        self._under_way[state] = UnderWay(nonce=nonce, verifier=verifier, back=back)
        while len(self._under_way) > _MOST:
            self._under_way.popitem(last=False)
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
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            found = await self._discover(client)
        return f"{found['authorization_endpoint']}?{urlencode(asked)}", state

    async def finish(self, state: str, kept: str, code: str) -> str:
        """Answer the subject that came back.

        Raises Unauthenticated for an answer that is not one to our question.
        """
        waiting = self._under_way.pop(state, None)
        if waiting is None or not secrets.compare_digest(state, kept):
            raise Unauthenticated
        try:
            async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
                found = await self._discover(client)
                answer = await client.post(
                    found["token_endpoint"],
                    data={
                        "grant_type": "authorization_code",
                        "code": code,
                        "redirect_uri": waiting.back,
                        "client_id": self._name,
                        "code_verifier": waiting.verifier,
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
                nonce={"essential": True, "value": waiting.nonce},
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
