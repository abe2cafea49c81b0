"""Getting in as somebody else: worn-out tokens, planted ones, codes used twice, times that tell."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final

import httpx
import pyotp
import pytest
from argon2 import extract_parameters, low_level
from argon2.low_level import Type

from console import accounts, cookies, second_factor
from console.accounts import hash_password, set_disabled, set_password
from console.app import openapi_json
from console.permissions import PERMISSIONS, Role
from console.second_factor import STEP_S
from console.shell import SECURITY
from ingest.clock import system_clock
from tests.integration.api_desk import PASSWORD, Desk, open_desk

NEW: Final = "seven grey herons fish"


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


# ---------------------------------------------------------------- a token after its end


async def _log_out(desk: Desk, headers: Mapping[str, str]) -> None:
    await desk.client.post("/api/logout", headers=headers)


async def _change_password(desk: Desk, headers: Mapping[str, str]) -> None:
    wish = {"old": PASSWORD, "new": NEW}
    assert (await desk.client.post("/api/account/password", json=wish, headers=headers)).status_code == 204


async def _be_given_a_password(desk: Desk, _: Mapping[str, str]) -> None:
    await set_password(desk.connection, "wang", NEW)


async def _be_shut_out(desk: Desk, _: Mapping[str, str]) -> None:
    await set_disabled(desk.connection, "wang", disabled=True)


async def _be_shut_out_and_let_in(desk: Desk, headers: Mapping[str, str]) -> None:
    await _be_shut_out(desk, headers)
    await set_disabled(desk.connection, "wang", disabled=False)


async def _end_the_session(desk: Desk, headers: Mapping[str, str]) -> None:
    (session,) = await desk.rows("SELECT id FROM sessions WHERE user_name = 'wang'")
    await desk.client.delete(f"/api/account/sessions/{session['id']}", headers=headers)


async def _grow_old(desk: Desk, _: Mapping[str, str]) -> None:
    await desk.connection.execute("UPDATE sessions SET expires_at = now() - INTERVAL '1 s'")


async def _lie_idle(desk: Desk, _: Mapping[str, str]) -> None:
    await desk.connection.execute("UPDATE sessions SET used_at = now() - INTERVAL '1 day'")


ENDS: Final[tuple[Callable[[Desk, Mapping[str, str]], Awaitable[None]], ...]] = (
    _log_out, _change_password, _be_given_a_password, _be_shut_out, _be_shut_out_and_let_in, _end_the_session,
    _grow_old, _lie_idle,
)  # fmt: skip


async def test_a_session_that_ended_opens_nothing_in_any_way(desk: Desk) -> None:
    (before,) = await desk.rows("SELECT password_hash FROM users WHERE name = 'wang'")
    for end in ENDS:
        token = (await desk.log_in("wang")).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert (await desk.client.get("/api/me", headers=headers)).status_code == 200
        await end(desk, headers)
        page = {"Cookie": f"{cookies.NAME}={token}", cookies.HEADER: "1"}
        for way in (headers, page):
            assert (await desk.client.get("/api/me", headers=way)).status_code == 401, end.__name__
            assert (await desk.client.post("/api/logout", headers=way)).status_code == 401, end.__name__
        await desk.connection.execute(
            "UPDATE users SET disabled = false, password_hash = %s", [before["password_hash"]]
        )
        await desk.connection.execute("DELETE FROM sessions")


async def _revoke(desk: Desk, made: Mapping[str, Any]) -> None:
    headers = await desk.as_("wang")
    assert (await desk.client.delete(f"/api/account/tokens/{made['id']}", headers=headers)).status_code == 200


async def _expire(desk: Desk, _: Mapping[str, Any]) -> None:
    await desk.connection.execute("UPDATE api_tokens SET expires_at = now() - INTERVAL '1 s'")


async def test_a_programs_token_that_ended_opens_nothing(desk: Desk) -> None:
    for end in (_revoke, _expire, _be_shut_out):
        made = (await desk.post("/api/account/tokens", {"password": PASSWORD, "title": "x"})).json()
        headers = {"Authorization": f"Bearer {made['token']}"}
        assert (await desk.client.get("/api/alerts", headers=headers)).status_code == 200
        await end(desk, made)
        assert (await desk.client.get("/api/alerts", headers=headers)).status_code == 401, end.__name__


# ---------------------------------------------------------------- a token that was planted


async def test_the_session_after_a_login_is_never_one_that_was_there_before(desk: Desk) -> None:
    theirs = (await desk.as_("li"))["Authorization"].removeprefix("Bearer ")
    form = {"username": "wang", "password": PASSWORD}
    for planted in (theirs, "chosen-by-the-attacker"):
        headers = {"Cookie": f"{cookies.NAME}={planted}", "Authorization": f"Bearer {planted}"}
        for path in ("/api/token", "/api/session"):
            answer = await desk.client.post(f"{path}?token={planted}", data=form, headers=headers)
            desk.client.cookies.clear()
            given = answer.headers.get("set-cookie", "") + answer.text
            assert answer.is_success
            assert planted not in given
    (count,) = await desk.rows("SELECT count(*) AS n FROM sessions WHERE user_name = 'wang'")
    assert count["n"] == 4
    me = await desk.client.get("/api/me", headers={"Authorization": f"Bearer {theirs}"})
    assert me.json()["name"] == "li"
    for path in ("/api/me?access_token=", "/api/me?token=", "/api/live?token="):
        assert (await desk.client.get(path + theirs)).status_code == 401, "no address carries a session"


# ---------------------------------------------------------------- what a login's time tells


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, tuple[int, ...]]]:
    """Count what argon2 is asked to do, and with how much effort."""
    done: Counter[tuple[str, tuple[int, ...]]] = Counter()

    def verify(stored: bytes, secret: bytes, kind: Type) -> bool:
        done["verify", cost(stored.decode())] += 1
        return low_level.verify_secret(stored, secret, kind)

    def make(**named: Any) -> bytes:
        done["hash", ()] += 1
        return low_level.hash_secret(**named)

    monkeypatch.setattr("argon2._password_hasher.verify_secret", verify)
    monkeypatch.setattr("argon2._password_hasher.hash_secret", make)
    return done


def cost(stored: str) -> tuple[int, ...]:
    known = extract_parameters(stored)
    return (known.memory_cost, known.time_cost, known.parallelism, known.salt_len, known.hash_len)


async def test_a_wrong_login_is_the_same_work_whoever_it_is_of(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.nobody.cache_clear()  # as after a start: the first one tells nothing either
    expected = cost(await hash_password("anything at all"))
    await desk.connection.execute("UPDATE users SET disabled = true WHERE name = 'li'")
    done = counted(monkeypatch)
    told = []
    for name in ("nobody-of-this-name", "wang", "li", "no name at all'; --"):
        answer = await desk.log_in(name, "wrong password")
        assert done == {("verify", expected): 1}, name
        done.clear()
        told.append((answer.status_code, answer.content, sorted(answer.headers)))
    assert told == [told[0]] * len(told)


# ---------------------------------------------------------------- a code of the second factor, twice


async def _equipped(desk: Desk, who: str) -> tuple[pyotp.TOTP, str, list[str]]:
    begun = await desk.post("/api/account/second-factor", {"password": PASSWORD}, who)
    totp = pyotp.TOTP(begun.json()["secret"])
    code = totp.generate_otp(int(system_clock().timestamp()) // STEP_S)
    confirmed = await desk.post("/api/account/second-factor/confirm", {"code": code}, who)
    assert confirmed.status_code == 200, confirmed.text
    return totp, code, confirmed.json()["codes"]


async def _enter(desk: Desk, name: str, otp: str) -> int:
    form = {"username": name, "password": PASSWORD, "otp": otp}
    return (await desk.client.post("/api/token", data=form)).status_code


async def test_a_code_that_was_seen_opens_nothing_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.auth.TRIES", 50)
    totp, confirming, codes = await _equipped(desk, "wang")
    assert await _enter(desk, "wang", confirming) == 401, "the one that was typed in to set it up"
    now = int(system_clock().timestamp()) // STEP_S
    assert await _enter(desk, "wang", totp.generate_otp(now - 1)) == 401, "an older one than the last used"
    following = totp.generate_otp(now + second_factor.DRIFT)
    assert await _enter(desk, "wang", following) == 200
    assert await _enter(desk, "wang", following) == 401
    assert await _enter(desk, "li", following) == 200, "without a second factor a code means nothing"
    assert await _enter(desk, "wang", codes[3]) == 200
    assert await _enter(desk, "wang", codes[3]) == 401


async def test_two_who_show_one_code_at_once_are_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.auth.TRIES", 50)
    totp, _, codes = await _equipped(desk, "wang")
    following = totp.generate_otp(int(system_clock().timestamp()) // STEP_S + 1)
    for code in (following, codes[0]):
        answers = await asyncio.gather(*(_enter(desk, "wang", code) for _ in range(4)))
        assert sorted(answers) == [200, 401, 401, 401]


async def test_codes_of_a_second_factor_that_was_taken_away_are_gone(desk: Desk) -> None:
    _, _, codes = await _equipped(desk, "wang")
    await second_factor.drop(desk.connection, "wang", actor="an")
    await _equipped_again(desk)
    assert await _enter(desk, "wang", codes[0]) == 401


async def _equipped_again(desk: Desk) -> None:
    await desk.connection.execute("UPDATE users SET totp_step = 0 WHERE name = 'wang'")
    await _equipped(desk, "wang")


# ---------------------------------------------------------------- raising oneself


RAISES: Final[tuple[Mapping[str, str], ...]] = (
    {"X-Forwarded-User": "boss"}, {"X-Remote-User": "boss"}, {"X-Original-URL": "/api/me"},
    {"X-Rewrite-URL": "/api/me"}, {"X-HTTP-Method-Override": "GET"}, {"X-Role": "system_admin"},
    {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1;host=console"},
)  # fmt: skip


async def test_no_header_raises_anybody(desk: Desk) -> None:
    wish = {"name": "evil", "role": "system_admin"}
    for more in RAISES:
        headers = {**await desk.as_("wang"), **more}
        assert (await desk.client.post("/api/users", json=wish, headers=headers)).status_code == 403
        assert (await desk.client.get("/api/audit", headers=headers)).status_code == 403
        assert (await desk.client.post("/api/users", json=wish, headers=more)).status_code == 401
    rows = await desk.rows("SELECT DISTINCT source FROM audit_log WHERE NOT success")
    assert [row["source"] for row in rows] == ["203.0.113.7"], "the record names who really asked"


async def test_a_lowered_role_and_a_narrowed_place_hold_for_sessions_and_tokens_that_are_open(
    desk: Desk,
) -> None:
    made = (await desk.post("/api/account/tokens", {"password": PASSWORD, "title": "x"}, "sun")).json()
    alert, wish = await desk.alert(), {"action": "acknowledge"}
    ways = (await desk.as_("sun"), {"Authorization": f"Bearer {made['token']}"})
    await desk.connection.execute("UPDATE users SET scope = 'EST2' WHERE name = 'sun'")
    for headers in ways:
        assert (await desk.client.get(f"/api/alerts/{alert}", headers=headers)).status_code == 404
    await desk.connection.execute("UPDATE users SET role = 'developer', scope = NULL WHERE name = 'sun'")
    assert Role.DEVELOPER not in PERMISSIONS["act_on_alert"]
    for headers in ways:
        answer = await desk.client.post(f"/api/alerts/{alert}/actions", json=wish, headers=headers)
        assert answer.status_code == 403


NO_WISH: Final = {
    "Body_read_again_api_quarantine_again_post": "one embedded list, handed on as it is",
    "CascadeMove": "from another centre, whose newer version may tell more; what we know is picked out",
}


def test_no_request_takes_a_field_that_it_does_not_name() -> None:
    document = json.loads(openapi_json())
    bodies = [
        content["schema"]["$ref"].rpartition("/")[2]
        for ways in document["paths"].values()
        for way in ways.values()
        for kind, content in way.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json" and "$ref" in content["schema"]
    ]
    schemas = document["components"]["schemas"]
    loose = {name for name in bodies if schemas[name].get("additionalProperties") is not False}
    assert len(bodies) > 50
    assert loose == {*NO_WISH}, f"derive them from console.wishes.Wish: {loose}"


async def test_what_is_the_platforms_own_cannot_be_set_from_outside(desk: Desk) -> None:
    for field in ("role", "scope", "disabled", "totp_on", "must_change", "password_hash"):
        wish = {"old": PASSWORD, "new": NEW, field: "system_admin"}
        assert (await desk.post("/api/account/password", wish)).status_code == 422
    assert (await desk.log_in("wang")).status_code == 200


async def test_many_addresses_in_a_header_are_one_caller(database: str) -> None:
    async with open_desk(database, login_per_minute=1) as desk:
        answers: list[httpx.Response] = [
            await desk.client.post(
                "/api/token",
                data={"username": f"n{n}", "password": "wrong password"},
                headers={"X-Forwarded-For": f"198.51.100.{n}"},
            )
            for n in range(3)
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 429]


# ---------------------------------------------------------------- what surrounds every answer


async def test_what_no_session_is_needed_for_is_surrounded_too(desk: Desk) -> None:
    asked = [
        ("GET", "/"), ("GET", "/no/such/page"), ("GET", "/api/session/ways"), ("GET", "/metrics"),
        ("GET", "/api/openapi.json"), ("GET", "/api/no-such"), ("PUT", "/api/me"),
        ("GET", "/api/me"),
        ("POST", "/api/token"), ("GET", "/api/family/x"), ("GET", "/..%2f..%2fetc/passwd"),
        ("OPTIONS", "/api/me"), ("TRACE", "/api/me"),
    ]  # fmt: skip
    seen = set()
    for method, path in asked:
        headers = {"Host": "evil.test", "Origin": "https://evil.test"}
        answer = await desk.client.request(method, path, headers=headers)
        seen.add(answer.status_code)
        assert {name.lower() for name in SECURITY} <= set(answer.headers), path
        assert "evil.test" not in answer.text + str(answer.headers), path
        assert not [name for name in answer.headers if name.startswith("access-control")], path
    assert seen == {200, 401, 404, 422}
