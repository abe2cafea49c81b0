"""The second factor's secret: sealed, put under new keys, and owed by a person's programs too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pyotp
import pytest

from console import second_factor
from console.second_factor import STEP_S
from devices.errors import SettingError, StoreError
from ingest.clock import system_clock
from ingest.vault import Vault, add_key, drop_old_keys
from tests.integration.api_desk import PASSWORD, Desk, open_desk

OLD: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # what a version before wrote


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    add_key(tmp_path / "keys")
    async with open_desk(database, personal_keys=tmp_path / "keys") as desk:
        yield desk


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def code(secret: str, ahead: int = 0) -> str:
    """The code of now, or of some steps on: none opens twice."""
    return pyotp.TOTP(secret).generate_otp(int(system_clock().timestamp()) // STEP_S + ahead)


async def begin(desk: Desk, who: str) -> str:
    answer = await desk.post("/api/account/second-factor", {"password": PASSWORD}, who)
    return str(answer.json()["secret"])


async def equip(desk: Desk, who: str) -> str:
    secret = await begin(desk, who)
    shown = await desk.post("/api/account/second-factor/confirm", {"code": code(secret)}, who)
    assert shown.status_code == 200, shown.text
    return secret


async def enters(desk: Desk, name: str, otp: str) -> bool:
    form = {"username": name, "password": PASSWORD, "otp": otp}
    return (await desk.client.post("/api/token", data=form)).status_code == 200


async def test_the_database_holds_no_secret_that_makes_codes(desk: Desk) -> None:
    secret = await equip(desk, "wang")
    [row] = await desk.rows(
        "SELECT to_jsonb(u)::text AS everything, totp_sealed FROM users u WHERE name = 'wang'"
    )
    assert row["totp_sealed"] is not None
    assert secret not in row["everything"]
    assert secret.encode() not in bytes(row["totp_sealed"])
    assert await enters(desk, "wang", code(secret, 1))


async def test_what_an_older_version_left_goes_on_opening_and_is_sealed(desk: Desk, keys: Path) -> None:
    await desk.connection.execute(
        "UPDATE users SET totp_secret = %s, totp_on = true WHERE name = 'wang'", [OLD]
    )
    assert await enters(desk, "wang", code(OLD))
    async with desk.connection.transaction():
        await second_factor.seal_plain(desk.connection, Vault.open(keys))  # unless the console came first
        assert await second_factor.seal_plain(desk.connection, Vault.open(keys)) == 0
    [row] = await desk.rows("SELECT totp_secret, totp_sealed FROM users WHERE name = 'wang'")
    assert row["totp_secret"] is None
    assert await enters(desk, "wang", code(OLD, 1))


async def test_a_new_key_takes_every_secret_over(desk: Desk, keys: Path) -> None:
    secret = await equip(desk, "wang")
    await begin(desk, "li")
    add_key(keys)
    vault = Vault.open(keys)
    assert await second_factor.rewrap(desk.connection, vault) == 2
    assert await second_factor.rewrap(desk.connection, vault) == 0
    assert drop_old_keys(keys) == 1
    assert await enters(desk, "wang", code(secret, 1))


async def test_a_secret_opens_for_its_own_account_and_with_its_key_only(desk: Desk, tmp_path: Path) -> None:
    secret = await equip(desk, "wang")
    await desk.connection.execute(
        "UPDATE users SET totp_on = true, totp_sealed = (SELECT totp_sealed FROM users WHERE name = 'wang')"
        " WHERE name = 'li'"
    )
    assert not await enters(desk, "li", code(secret, 1))
    vault = Vault.open(tmp_path / "keys")
    with pytest.raises(StoreError, match="account:li/totp"):
        await second_factor.passes(desk.connection, vault, "li", code(secret, 1))
    add_key(tmp_path / "others")
    with pytest.raises(SettingError, match="not in the key file"):
        await second_factor.passes(desk.connection, Vault.open(tmp_path / "others"), "wang", code(secret, 1))


async def test_a_program_waits_for_what_its_owner_owes(database: str) -> None:
    async with open_desk(database, second_factor="administrators") as desk:
        await desk.as_("shen")
        await desk.connection.execute("UPDATE users SET totp_on = true WHERE name = 'shen'")
        wish = {"password": PASSWORD, "title": "seals"}
        made = await desk.post("/api/account/tokens", wish, "shen")
        headers = {"Authorization": f"Bearer {made.json()['token']}"}
        assert (await desk.client.get("/api/audit", headers=headers)).status_code == 200
        for owed, change in (
            ("second_factor", "UPDATE users SET totp_on = false"),
            ("password", "UPDATE users SET totp_on = true, must_change = true"),
        ):
            await desk.connection.execute(change.encode())
            answer = await desk.client.get("/api/audit", headers=headers)
            assert answer.status_code == 403
            assert answer.json()["why"] == owed
