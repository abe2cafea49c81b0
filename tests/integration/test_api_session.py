"""Who gets in, who is kept out, and who may do what."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import LiteralString

import psycopg
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from console.accounts import create_user, set_disabled, set_password
from console.app import create_app
from console.auth import TRIES
from console.permissions import ADMINISTRATORS, PERMISSIONS, Role
from console.problems import Invalid
from console.settings import ConsoleSettings
from devices.errors import Conflict
from tests.integration.api_desk import PASSWORD, Desk, open_desk


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database) as desk:
        yield desk


async def test_a_right_password_opens_a_session_that_logout_closes(desk: Desk) -> None:
    answer = await desk.log_in("wang")
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 12 * 3600
    me = await desk.get("/api/me")
    assert me.json() == {
        "name": "wang", "display_name": "wang", "role": "operator", "scope": None, "owes": "",
    }  # fmt: skip
    assert (await desk.client.post("/api/logout", headers=await desk.as_("wang"))).status_code == 204
    again = await desk.get("/api/me")
    assert again.status_code == 401
    assert again.headers["WWW-Authenticate"] == "Bearer"
    assert again.headers["content-type"] == "application/problem+json"


async def test_the_database_holds_no_token(desk: Desk) -> None:
    token = (await desk.log_in("wang")).json()["access_token"]
    (session,) = await desk.rows("SELECT token_hash FROM sessions")
    assert token.encode() not in session["token_hash"]
    assert len(session["token_hash"]) == 32


@pytest.mark.parametrize("name", ["wang", "nobody", "' OR 1=1 --", "x" * 4000])
async def test_a_wrong_login_says_nothing_about_the_name(desk: Desk, name: str) -> None:
    answer = await desk.log_in(name, "wrong password")
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The name or the password is wrong."


@pytest.mark.parametrize("name", ["wang", "nobody"])
async def test_five_wrong_passwords_lock_a_name_whether_it_exists_or_not(desk: Desk, name: str) -> None:
    for _ in range(TRIES):
        assert (await desk.log_in(name, "wrong password")).status_code == 401
    locked = await desk.log_in(name)
    assert locked.status_code == 429
    assert 14 * 60 < int(locked.headers["Retry-After"]) <= 15 * 60


async def test_a_lock_ends_and_success_forgets_failures(desk: Desk) -> None:
    for _ in range(TRIES):
        await desk.log_in("wang", "wrong password")
    await desk.connection.execute("UPDATE login_tries SET locked_until = now() - interval '1 s'")
    assert (await desk.log_in("wang")).status_code == 200
    assert await desk.rows("SELECT * FROM login_tries WHERE name = 'wang'") == []


@pytest.mark.parametrize("name", ["wang", "nobody"])
async def test_each_lock_in_a_row_lasts_twice_as_long_as_the_one_before(desk: Desk, name: str) -> None:
    waits = []
    for _ in range(3):
        for _ in range(TRIES):
            await desk.log_in(name, "wrong password")
        waits.append(round(int((await desk.log_in(name)).headers["Retry-After"]) / 60))
        await desk.connection.execute("UPDATE login_tries SET locked_until = now() - interval '1 s'")
    assert waits == [15, 30, 60]


@pytest.mark.parametrize(
    "ageing",
    [
        "UPDATE sessions SET used_at = now() - interval '31 minutes'",
        "UPDATE sessions SET expires_at = now() - interval '1 second'",
    ],
)
async def test_a_session_ends_by_idleness_and_by_age(desk: Desk, ageing: LiteralString) -> None:
    await desk.as_("wang")
    await desk.connection.execute(ageing)
    assert (await desk.get("/api/me")).status_code == 401


async def test_use_keeps_a_session_alive(desk: Desk) -> None:
    await desk.as_("wang")
    await desk.connection.execute("UPDATE sessions SET used_at = now() - interval '29 minutes'")
    assert (await desk.get("/api/me")).status_code == 200
    (session,) = await desk.rows("SELECT now() - used_at < interval '10 s' AS fresh FROM sessions")
    assert session["fresh"]


async def test_a_phone_in_a_pocket_stays_signed_in_for_hours_and_while_the_shift_lasts(desk: Desk) -> None:
    await desk.as_("grid")
    await desk.connection.execute("UPDATE sessions SET used_at = now() - INTERVAL '7 hours'")
    assert (await desk.get("/api/me", "grid")).status_code == 200
    await desk.connection.execute("""
        UPDATE sessions SET used_at = now() - INTERVAL '9 hours', created_at = now() - INTERVAL '13 hours',
            expires_at = now() - INTERVAL '1 hour'""")
    assert (await desk.get("/api/me", "grid")).status_code == 401
    await desk.connection.execute("""
        INSERT INTO people (id, name, roles, place, user_name) VALUES ('p', '周', '{GW}', 'EST1', 'grid')""")
    await desk.connection.execute("""
        INSERT INTO posts (code, name_zh, name_en, role, place) VALUES ('post', '岗', 'P', 'GW', 'EST1')""")
    await desk.connection.execute("""
        INSERT INTO rosters (post, person, starts, ends, created_by)
        VALUES ('post', 'p', now() - INTERVAL '13 hours', now() + INTERVAL '1 hour', 'sun')""")
    assert (await desk.get("/api/me", "grid")).status_code == 200
    await desk.connection.execute("UPDATE sessions SET created_at = now() - INTERVAL '25 hours'")
    assert (await desk.get("/api/me", "grid")).status_code == 401


async def test_disabling_a_user_and_changing_a_password_end_sessions(desk: Desk) -> None:
    await desk.as_("wang")
    await desk.as_("li")
    await set_disabled(desk.connection, "wang", disabled=True)
    await set_password(desk.connection, "li", "another fine one")
    assert (await desk.get("/api/me", "wang")).status_code == 401
    assert (await desk.get("/api/me", "li")).status_code == 401
    assert (await desk.log_in("wang")).status_code == 401
    assert (await desk.log_in("li", "another fine one")).status_code == 200


async def test_every_login_is_on_record_and_no_password_is(desk: Desk) -> None:
    await desk.log_in("wang")
    await desk.log_in("wang", "secret typed wrong")
    await desk.log_in("my secret password!", "x")
    rows = await desk.rows("SELECT object, success, source FROM audit_log WHERE action = 'login' ORDER BY at")
    assert [(row["object"], row["success"]) for row in rows] == [
        ("wang", True),
        ("wang", False),
        ("(not a name)", False),
    ]
    assert {row["source"] for row in rows} == {"203.0.113.7"}


async def test_accounts_refuse_what_is_weak_or_taken(desk: Desk) -> None:
    for password in ("short", "aaaaaaaaaaaaaa", "somebody-longish"):
        with pytest.raises(Invalid):
            await create_user(desk.connection, "somebody-longish", password, Role.OPERATOR)
    with pytest.raises(Invalid):
        await create_user(desk.connection, "new", PASSWORD, Role.OPERATOR, scope="nowhere")
    with pytest.raises(Conflict):
        await create_user(desk.connection, "wang", PASSWORD, Role.OPERATOR)


def test_nothing_is_served_outside_the_two_lists_of_routers() -> None:
    app = create_app(ConsoleSettings.model_validate({"database_url": ""}))
    others = [route for route in app.routes if isinstance(route, (APIRoute, Mount))]
    assert [route.name for route in others] == ["page"]


async def test_a_refusal_is_on_record(desk: Desk) -> None:
    alert = await desk.alert()
    assert (
        await desk.post(f"/api/alerts/{alert}/actions", {"action": "acknowledge"}, "wuye")
    ).status_code == 403
    rows = await desk.rows("SELECT actor, action FROM audit_log WHERE NOT success")
    assert rows == [{"actor": "wuye", "action": "act_on_alert"}]


async def test_an_administrator_never_becomes_another_and_nobody_becomes_one(desk: Desk) -> None:
    for name, role in (("boss", "auditor"), ("shen", "system_admin"), ("wang", "security_admin")):
        with pytest.raises(psycopg.errors.RaiseException, match="keeps its role"):
            await desk.connection.execute("UPDATE users SET role = %s WHERE name = %s", [role, name])


AUDITS = {
    "audit_rows",
    "verify_audit",
    "deletion_proofs",
    "verify_deletions",
    "picture_access",
    "picture_grants",
    "list_picture_exports",
    "list_organ_requests",
}


def test_no_two_administrators_may_do_the_same_beyond_their_own_session() -> None:
    rights = {role: {name for name, roles in PERMISSIONS.items() if role in roles} for role in ADMINISTRATORS}
    session = set.intersection(*rights.values())
    for one, other in itertools.combinations(ADMINISTRATORS, 2):
        assert rights[one] & rights[other] == session
    assert rights[Role.SYSTEM_ADMIN].isdisjoint({"audit_rows", "verify_audit", "picture_access"})
    assert rights[Role.AUDITOR] - session == AUDITS, "what the auditor may do reads, and changes nothing"
