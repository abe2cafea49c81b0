"""Logging in at the county's identity server: a real HTTP server with a signing key of its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Form
from joserfc import jwt
from joserfc.jwk import RSAKey

from console.commands.local import free_port
from ingest.clock import system_clock
from simulators.receivers.serving import serving
from tests.integration.api_desk import Desk, open_desk

SECRET = "between-the-two-servers"


@dataclass(kw_only=True)
class Identity:
    """The identity server: whoever asks is logged in as `subject`; `lies` replaces claims."""

    issuer: str
    subject: str = "county-4711"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}, private=True))
    lies: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def app(self) -> FastAPI:
        """Serve discovery, keys and tokens."""
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def discovery() -> dict[str, str]:
            ways = {"authorization": "authorize", "token": "token"}
            return {
                "issuer": self.issuer,
                "jwks_uri": f"{self.issuer}/keys",
                **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in ways.items()},
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token(
            code: Annotated[str, Form()], code_verifier: Annotated[str, Form()]
        ) -> dict[str, str]:
            digest = hashlib.sha256(code_verifier.encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            assert code == "the-code"
            assert challenge == self.asked["code_challenge"]
            now = int(system_clock().timestamp())
            claims = {
                "iss": self.issuer, "aud": "shequ", "sub": self.subject, "iat": now, "exp": now + 60,
                "nonce": self.asked["nonce"], **self.lies,
            }  # fmt: skip
            signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)
            return {"id_token": signed, "access_token": "unused", "token_type": "Bearer"}

        return app


@pytest.fixture
async def identity() -> AsyncIterator[Identity]:
    port = free_port()
    identity = Identity(issuer=f"http://127.0.0.1:{port}")
    async with serving(identity.app(), port):
        yield identity


@asynccontextmanager
async def tied(database: str, identity: Identity) -> AsyncIterator[Desk]:
    async with open_desk(database, oidc_issuer=identity.issuer, oidc_client_secret=SECRET) as desk:
        await desk.connection.execute("UPDATE users SET oidc_subject = 'county-4711' WHERE name = 'sun'")
        yield desk


async def come_back(desk: Desk, identity: Identity, **changed: str) -> httpx.Response:
    """Go there and come back as a browser does."""
    sent = await desk.client.get("/api/oidc/login")
    assert sent.status_code == 303, sent.text
    place = urlsplit(sent.headers["location"])
    identity.asked = {name: values[0] for name, values in parse_qs(place.query).items()}
    assert identity.asked["code_challenge_method"] == "S256"
    back = {"state": identity.asked["state"], "code": "the-code", **changed}
    return await desk.client.get("/api/oidc/callback", params=back)


async def test_whoever_is_tied_to_an_account_gets_a_session_by_cookie(
    database: str, identity: Identity
) -> None:
    async with tied(database, identity) as desk:
        answer = await come_back(desk, identity)
        assert (answer.status_code, answer.headers["location"]) == (303, "/?in=1")
        assert (await desk.client.get("/api/me")).json()["name"] == "sun"
        (row,) = await desk.rows("SELECT detail FROM audit_log WHERE action = 'login'")
        assert row["detail"] == {"way": "oidc"}


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "of another login"},
        {"aud": "another platform"},
        {"iss": "https://evil.test"},
        {"exp": 1_000_000_000},
        {"sub": "nobody-here"},
    ],
    ids=lambda lies: next(iter(lies)),
)
async def test_a_false_word_opens_nothing(database: str, identity: Identity, lies: dict[str, Any]) -> None:
    async with tied(database, identity) as desk:
        identity.lies = lies
        assert (await come_back(desk, identity)).status_code == 401
        assert await desk.rows("SELECT 1 FROM sessions") == []


async def test_an_answer_to_somebody_elses_question_opens_nothing(database: str, identity: Identity) -> None:
    async with tied(database, identity) as desk:
        assert (await come_back(desk, identity, state="made-up")).status_code == 401
        await desk.client.get("/api/oidc/login")  # this browser now waits for another answer
        stolen = {"state": identity.asked["state"], "code": "the-code"}
        assert (await desk.client.get("/api/oidc/callback", params=stolen)).status_code == 401


async def test_a_key_that_is_not_the_servers_signs_nothing(database: str, identity: Identity) -> None:
    async with tied(database, identity) as desk:
        published = identity.key.as_dict(private=False)
        identity.key = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
        identity.key.as_dict = lambda **_: published  # type: ignore[method-assign]
        assert (await come_back(desk, identity)).status_code == 401


async def test_without_an_identity_server_nobody_is_sent_anywhere(database: str) -> None:
    async with open_desk(database) as desk:
        assert (await desk.client.get("/api/oidc/login")).status_code == 503
