"""Second factor, tokens, sessions, the page's cookie, and the security administrator's work."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pyotp
import pytest

from console import cookies, second_factor
from console.accounts import check_password
from console.auth import TRIES
from console.problems import Invalid
from console.rates import Rate
from tests.integration.api_desk import PASSWORD, Desk, open_desk

PAGE = {cookies.HEADER: "1"}


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every code is of a step of its own: nobody waits half a minute."""
    clock = itertools.count(100)
    monkeypatch.setattr(second_factor, "DRIFT", 0)
    monkeypatch.setattr(second_factor, "system_clock", lambda: _Moment(next(clock)))


class _Moment:
    def __init__(self, step: int) -> None:
        self.step = step

    def timestamp(self) -> float:
        return self.step * second_factor.STEP_S


async def equipped(desk: Desk, who: str) -> tuple[str, list[str]]:
    """Give somebody a second factor; answers its secret and the recovery codes."""
    begun = await desk.post("/api/account/second-factor", {"password": PASSWORD}, who)
    secret = begun.json()["secret"]
    assert begun.json()["address"].startswith("otpauth://totp/Shequ")
    code = pyotp.TOTP(secret).generate_otp(100)
    confirmed = await desk.post("/api/account/second-factor/confirm", {"code": code}, who)
    assert confirmed.status_code == 200, confirmed.text
    return secret, confirmed.json()["codes"]


async def enter(desk: Desk, name: str, otp: str = "") -> httpx.Response:
    form = {"username": name, "password": PASSWORD, "otp": otp}
    return await desk.client.post("/api/token", data=form)


@pytest.mark.usefixtures("steps")
async def test_with_a_second_factor_the_password_alone_opens_nothing(desk: Desk) -> None:
    secret, codes = await equipped(desk, "wang")
    asked = await enter(desk, "wang")
    assert (asked.status_code, asked.json()["type"]) == (401, "urn:shequ:problem:second-factor")
    good = pyotp.TOTP(secret).generate_otp(101)
    assert (await enter(desk, "wang", good)).status_code == 200
    assert (await enter(desk, "wang", good)).status_code == 401  # the same code never again
    assert (await enter(desk, "wang", codes[0].upper())).status_code == 200
    assert (await enter(desk, "wang", codes[0])).status_code == 401
    stored = str(await desk.rows("SELECT * FROM recovery_codes"))
    assert all(code not in stored for code in codes)


async def test_guessing_codes_locks_the_name(desk: Desk) -> None:
    secret = pyotp.random_base32()
    await desk.connection.execute(
        "UPDATE users SET totp_on = true, totp_secret = %s WHERE name = 'wang'", [secret]
    )
    for _ in range(TRIES):
        assert (await enter(desk, "wang", "abcdef")).status_code == 401
    assert (await enter(desk, "wang", "abcdef")).status_code == 429


async def test_where_it_is_asked_for_administrators_reach_only_their_account_without_it(
    database: str,
) -> None:
    async with open_desk(database, second_factor="administrators") as desk:
        assert (await desk.get("/api/me", "shen")).json()["owes"] == "second_factor"
        refused = await desk.get("/api/audit", "shen")
        assert (refused.status_code, refused.json()["why"]) == (403, "second_factor")
        assert (await desk.get("/api/account", "shen")).status_code == 200
        assert (await desk.get("/api/alerts", "wang")).status_code == 200
        await desk.connection.execute("UPDATE users SET totp_on = true WHERE name = 'shen'")
        assert (await desk.get("/api/audit", "shen")).status_code == 200


async def test_a_token_reads_or_writes_as_its_owner_and_never_opens_accounts(desk: Desk) -> None:
    made: dict[str, Any] = {}
    for title, may_write in (("reads", False), ("writes", True)):
        wish = {"password": PASSWORD, "title": title, "may_write": may_write, "days": 30}
        answer = await desk.post("/api/account/tokens", wish)
        assert answer.status_code == 201, answer.text
        made[title] = answer.json()
    alert = await desk.alert()

    async def ask(title: str, method: str, path: str, **more: Any) -> int:
        headers = {"Authorization": f"Bearer {made[title]['token']}"}
        return (await desk.client.request(method, path, headers=headers, **more)).status_code

    acknowledge = {"json": {"action": "acknowledge"}}
    assert await ask("reads", "GET", "/api/alerts") == 200
    assert await ask("reads", "POST", f"/api/alerts/{alert}/actions", **acknowledge) == 403
    assert await ask("writes", "POST", f"/api/alerts/{alert}/actions", **acknowledge) == 200
    assert await ask("writes", "GET", "/api/account") == 403
    assert await ask("writes", "POST", "/api/account/tokens", json={}) == 403
    assert made["reads"]["token"] not in str(await desk.rows("SELECT * FROM api_tokens"))
    left = await desk.client.delete(
        f"/api/account/tokens/{made['reads']['id']}", headers=await desk.as_("wang")
    )
    assert [token["title"] for token in left.json()] == ["writes"]
    assert await ask("reads", "GET", "/api/alerts") == 401
    await desk.connection.execute("UPDATE api_tokens SET expires_at = now() - interval '1 s'")
    assert await ask("writes", "GET", "/api/alerts") == 401


async def test_nobody_ends_a_token_or_a_session_of_somebody_else(desk: Desk) -> None:
    answer = await desk.post("/api/account/tokens", {"password": PASSWORD, "title": "mine"})
    await desk.as_("wang")
    (session,) = await desk.rows("SELECT id FROM sessions WHERE user_name = 'wang'")
    headers = await desk.as_("li")
    for path in (f"tokens/{answer.json()['id']}", f"sessions/{session['id']}"):
        assert (await desk.client.delete(f"/api/account/{path}", headers=headers)).status_code == 404
    assert (await desk.get("/api/me")).status_code == 200


async def test_a_new_password_needs_the_old_one_and_ends_every_session(desk: Desk) -> None:
    wish = {"old": "not mine at all", "new": "seven grey herons fish"}
    assert (await desk.post("/api/account/password", wish)).status_code == 422
    wish["old"] = PASSWORD
    assert (await desk.post("/api/account/password", wish)).status_code == 204
    assert (await desk.get("/api/me")).status_code == 401
    assert (await desk.log_in("wang", "seven grey herons fish")).status_code == 200


@pytest.mark.parametrize(
    "password", ["password123", "qwertyuiop", "1234567890", "wangwang123", "woaini1314", "aaaaaaaaaaaaaa"]
)
def test_a_common_password_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        check_password("wangwang", password)


# ---------------------------------------------------------------- the page's cookie


async def signed_in(desk: Desk, name: str) -> str:
    form = {"username": name, "password": PASSWORD}
    answer = await desk.client.post("/api/session", data=form)
    assert answer.status_code == 204, answer.text
    return answer.headers["set-cookie"]


async def test_the_pages_token_is_in_a_cookie_no_script_reads(desk: Desk) -> None:
    kept = await signed_in(desk, "wang")
    assert "HttpOnly" in kept
    assert "SameSite=strict" in kept
    assert "Path=/api" in kept
    assert "Max-Age" not in kept  # a shared desk: gone with the browser
    assert (await desk.client.get("/api/me")).json()["name"] == "wang"
    assert "Max-Age" in await signed_in(desk, "grid")


async def test_another_page_makes_the_browser_ask_in_vain(desk: Desk) -> None:
    await signed_in(desk, "wang")
    alert = await desk.alert()
    path, body = f"/api/alerts/{alert}/actions", {"action": "acknowledge"}
    assert (await desk.client.post(path, json=body)).status_code == 403
    foreign = {**PAGE, "Origin": "https://evil.test"}
    assert (await desk.client.post(path, json=body, headers=foreign)).status_code == 403
    crossed = {"Sec-Fetch-Site": "cross-site"}
    assert (await desk.client.get("/api/alerts", headers=crossed)).status_code == 403
    ours = {**PAGE, "Origin": "http://console"}
    assert (await desk.client.post(path, json=body, headers=ours)).status_code == 200


async def test_a_login_never_takes_over_a_token_it_was_handed(desk: Desk) -> None:
    """Session fixation: the token is fresh, whatever cookie came with the login."""
    desk.client.cookies.set(cookies.NAME, "planted", path="/api")
    kept = await signed_in(desk, "wang")
    assert "planted" not in kept
    assert (await desk.rows("SELECT count(*) AS n FROM sessions"))[0]["n"] == 1


async def test_after_logout_the_same_token_opens_nothing(desk: Desk) -> None:
    kept = (await signed_in(desk, "wang")).partition("=")[2].partition(";")[0]
    assert (await desk.client.post("/api/logout", headers=PAGE)).status_code == 204
    desk.client.cookies.clear()
    for headers in ({"Cookie": f"{cookies.NAME}={kept}"}, {"Authorization": f"Bearer {kept}"}):
        assert (await desk.client.get("/api/me", headers=headers)).status_code == 401


# ---------------------------------------------------------------- other people's accounts


async def secure(desk: Desk, scope: str | None = None) -> None:
    """Make the security administrator `an`."""
    await desk.connection.execute(
        "INSERT INTO users (name, display_name, password_hash, role, scope)"
        " SELECT 'an', 'an', password_hash, 'security_admin', %s FROM users WHERE name = 'wang'",
        [scope],
    )


async def test_a_new_user_changes_the_password_first(desk: Desk) -> None:
    await secure(desk)
    made = await desk.post("/api/users", {"name": "zhou", "role": "operator"}, "an")
    assert made.status_code == 201, made.text
    password = made.json()["password"]
    token = (await desk.log_in("zhou", password)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    refused = await desk.client.get("/api/alerts", headers=headers)
    assert (refused.status_code, refused.json()["why"]) == (403, "password")
    wish = {"old": password, "new": "seven grey herons fish"}
    changed = await desk.client.post("/api/account/password", json=wish, headers=headers)
    assert changed.status_code == 204
    assert (await desk.log_in("zhou", "seven grey herons fish")).status_code == 200


async def test_nobody_raises_oneself_or_makes_an_administrator_of_somebody(desk: Desk) -> None:
    await secure(desk)

    async def change(name: str, who: str = "an", **wish: Any) -> int:
        answer = await desk.client.patch(f"/api/users/{name}", json=wish, headers=await desk.as_(who))
        return answer.status_code

    assert await change("an", role="operator") == 422
    assert await change("wang", role="auditor") == 422
    assert await change("shen", role="security_admin") == 422
    assert await change("wang", who="boss", role="shift_leader") == 403
    assert await change("wang", role="shift_leader", scope="EST2") == 200
    assert (await desk.log_in("wang")).status_code == 200
    assert (await desk.get("/api/users", "boss")).status_code == 403


async def test_a_security_administrator_of_one_estate_makes_nobody_beyond_it(desk: Desk) -> None:
    await secure(desk, "EST2")
    names = [user["name"] for user in (await desk.get("/api/users", "an")).json()["items"]]
    assert names == ["an", "zhao"]
    assert (await desk.post("/api/users", {"name": "n1", "role": "operator"}, "an")).status_code == 422
    wish = {"name": "n1", "role": "operator", "scope": "EST1"}
    assert (await desk.post("/api/users", wish, "an")).status_code == 404
    answer = await desk.client.patch("/api/users/zhao", json={"scope": None}, headers=await desk.as_("an"))
    assert answer.status_code == 422


async def test_shutting_out_ends_sessions_and_unlocking_forgives(desk: Desk) -> None:
    await secure(desk)
    await desk.as_("wang")
    headers = await desk.as_("an")
    assert (
        await desk.client.patch("/api/users/wang", json={"disabled": True}, headers=headers)
    ).status_code == 200
    assert (await desk.get("/api/me")).status_code == 401
    for _ in range(TRIES):
        await desk.log_in("li", "wrong password")
    assert (await desk.log_in("li")).status_code == 429
    await desk.client.patch("/api/users/li", json={"unlock": True}, headers=headers)
    assert (await desk.log_in("li")).status_code == 200


# ---------------------------------------------------------------- first run, rates


async def test_the_first_account_needs_the_code_of_the_log_and_shuts_the_door(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_desk(database) as desk:
        await desk.connection.execute("DELETE FROM users")
        await desk.app.state.first_run.look(desk.app.state.database)
        code = capsys.readouterr().out.rstrip().rpartition(" ")[2]
        assert (await desk.client.get("/api/session/ways")).json()["first_run"]
        wish = {"code": "guess-guess", "name": "first", "password": "seven grey herons fish"}
        assert (await desk.client.post("/api/session/first-run", json=wish)).status_code == 401
        wish["code"] = code
        assert (await desk.client.post("/api/session/first-run", json=wish)).status_code == 204
        assert (await desk.client.post("/api/session/first-run", json=wish)).status_code == 401
        assert not (await desk.client.get("/api/session/ways")).json()["first_run"]
        assert (await desk.rows("SELECT name, role FROM users")) == [
            {"name": "first", "role": "security_admin"}
        ]


async def test_too_many_logins_from_one_address_wait(database: str) -> None:
    async with open_desk(database, login_per_minute=1) as desk:
        answers = [(await desk.log_in(f"name-{n}")).status_code for n in range(3)]
    assert answers == [401, 401, 429]


def test_a_rate_fills_up_again_and_forgets_nobody_too_early() -> None:
    now = [0.0]
    rate = Rate(2, burst=4, now=lambda: now[0])
    for _ in range(4):
        rate.take("a")
    with pytest.raises(Exception, match="Too many"):
        rate.take("a")
    rate.take("b")
    now[0] = 1.0
    rate.take("a")
    rate.take("a")
    with pytest.raises(Exception, match="Too many"):
        rate.take("a")
