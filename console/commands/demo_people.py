"""Logins for the simulated people of `shequ up`, so that somebody answers the orders they are sent."""

from __future__ import annotations

import secrets
from typing import Final

import psycopg
from psycopg.rows import dict_row

from console.accounts import SQL, hash_password
from console.permissions import Role
from ingest.store import sql
from simulators.community import Community

PREFIX: Final = "person:"  # what stands before a login's name in the file of passwords
ANCHOR: Final = (30.9794, 104.2817)  # Guanghan, WGS 84: where the first estate's sketch begins
_APART: Final = 0.006  # degrees of latitude between two estates
_SHIFT: Final = sql.load("console.store", "shift.sql")


async def equip(url: str, community: Community) -> dict[str, str]:
    """Give field people without a login one, and estates their place on the globe; answers the passwords.

    All get the same fresh password at every start: it stays in one private file, and hashing thirty
    would take seconds.
    """
    password = secrets.token_urlsafe(12)
    stored = await hash_password(password)
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
        for number, estate in enumerate(community.estates):
            anchor = {"place": estate, "lat": ANCHOR[0] + number * _APART, "lon": ANCHOR[1]}
            await connection.execute(_SHIFT["anchor"], anchor)
        people = await (await connection.execute(_SHIFT["without_login"])).fetchall()
        for person in people:
            name = f"sim-{person['id']}"[:64]
            row = {
                "name": name,
                "display_name": person["name"],
                "password_hash": stored,
                "role": Role.FIELD,
                "scope": None,
            }
            await connection.execute(SQL["add_user"], row)
            await connection.execute(_SHIFT["give_login"], {"id": person["id"], "name": name})
        await connection.execute(_SHIFT["renew_logins"], {"password_hash": stored})
        logins = await (await connection.execute(_SHIFT["simulated_logins"])).fetchall()
    return {PREFIX + login["name"]: password for login in logins}
