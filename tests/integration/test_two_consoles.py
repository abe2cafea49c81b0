"""Two console processes before one database: guesses count for both, a login may end at either."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from console.api.enrolment import TRIES
from console.app import create_app
from console.oidc import COOKIE
from tests.integration.api_desk import Desk, Doorman, open_desk
from tests.integration.test_oidc import SECRET, Identity, identity

__all__ = ["identity"]  # the fixture
ADDRESS: Final = ("203.0.113.7", 4711)


@asynccontextmanager
async def beside(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Another console over the same database, asked from the same address."""
    app = create_app(desk.app.state.settings, Doorman())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=ADDRESS)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://console") as client,
    ):
        yield client


async def test_logins_of_one_address_are_counted_by_both(database: str) -> None:
    async with open_desk(database, login_per_minute=1) as desk, beside(desk) as other:
        told = []
        for client in (desk.client, other, desk.client, other):
            form = {"username": f"n-{secrets.token_hex(3)}", "password": "wrong password"}
            told.append((await client.post("/api/token", data=form)).status_code)
        assert told == [401, 401, 429, 429]
        await desk.connection.execute("UPDATE rates SET at = at - INTERVAL '1 minute'")
        form = {"username": "n", "password": "wrong password"}
        assert (await other.post("/api/token", data=form)).status_code == 401, (
            "a minute later there is one more"
        )
        assert (await desk.client.post("/api/token", data=form)).status_code == 429


async def test_guessed_codes_and_links_are_counted_by_both_and_apart(database: str) -> None:
    async with open_desk(database) as desk, beside(desk) as other:

        async def guess(client: httpx.AsyncClient, *, link: bool) -> int:
            if link:
                token = {"Authorization": f"Bearer {secrets.token_urlsafe(16)}"}
                return (await client.get("/api/family", headers=token)).status_code
            claim = {"code": secrets.token_hex(8)}
            return (await client.post("/api/enrolment/claim", json=claim)).status_code

        for n in range(TRIES):
            assert await guess((desk.client, other)[n % 2], link=False) == 404
        for client in (desk.client, other):
            assert await guess(client, link=False) == 429
            assert await guess(client, link=True) != 429, "another kind has a count of its own"


async def test_a_login_begun_at_one_ends_at_the_other_and_only_once(
    database: str,
    identity: Identity,
) -> None:
    more = {"oidc_issuer": identity.issuer, "oidc_client_secret": SECRET}
    async with open_desk(database, **more) as desk, beside(desk) as other:
        await desk.connection.execute("UPDATE users SET oidc_subject = 'county-4711' WHERE name = 'sun'")
        sent = await desk.client.get("/api/oidc/login")
        assert sent.status_code == 303, sent.text
        asked = parse_qs(urlsplit(sent.headers["location"]).query)
        identity.asked = {name: values[0] for name, values in asked.items()}
        [row] = await desk.rows("SELECT * FROM oidc_logins")
        assert identity.asked["state"] not in str(row)
        back = {"state": identity.asked["state"], "code": "the-code"}
        kept = {"Cookie": f"{COOKIE}={identity.asked['state']}"}
        desk.client.cookies.clear()
        wrong = await other.get("/api/oidc/callback", params=back, headers={"Cookie": f"{COOKIE}=another"})
        assert wrong.status_code == 401, "another browser's, which ends nothing"
        landed = await other.get("/api/oidc/callback", params=back, headers=kept)
        assert landed.status_code == 303, landed.text
        assert landed.headers["location"] == "/?in=1"
        again = await desk.client.get("/api/oidc/callback", params=back, headers=kept)
        assert again.status_code == 401
        assert await desk.rows("SELECT * FROM oidc_logins") == []


async def test_a_login_that_never_comes_back_is_forgotten(database: str, identity: Identity) -> None:
    async with open_desk(database, oidc_issuer=identity.issuer, oidc_client_secret=SECRET) as desk:
        first = parse_qs(urlsplit((await desk.client.get("/api/oidc/login")).headers["location"]).query)[
            "state"
        ][0]
        await desk.connection.execute("UPDATE oidc_logins SET at = at - INTERVAL '11 minutes'")
        back = {"state": first, "code": "the-code"}
        answer = await desk.client.get(
            "/api/oidc/callback", params=back, headers={"Cookie": f"{COOKIE}={first}"}
        )
        assert answer.status_code == 401
        await desk.client.get("/api/oidc/login")
        assert len(await desk.rows("SELECT * FROM oidc_logins")) == 1
