"""A whole organisation into the database, as a simulated community or an import brings it.

What is there already stays as people left it: running it again adds and overwrites nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from devices.organisation import Grid, Person, Post, Resource, Shift
from ingest.store import personal, sql
from ingest.vault import Vault, masked

Q: Final = sql.load("ingest.store", "organisation.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceFacts:
    """What a register or a map knows about a place beyond its name."""

    code: str
    division: str | None = None
    lat: float | None = None
    lon: float | None = None
    neighbour: bool = False


async def save_organisation(
    connection: AsyncConnection[Any],
    *,
    now: datetime,
    by: str,
    facts: Iterable[PlaceFacts] = (),
    grids: Iterable[Grid] = (),
    people: Iterable[Person] = (),
    posts: Iterable[Post] = (),
    shifts: Iterable[Shift] = (),
    resources: Iterable[Resource] = (),
    vault: Vault | None = None,
) -> None:
    """Insert what is new, in the caller's transaction; phones are sealed, so they need a vault with a key."""
    grids, resources, facts = list(grids), list(resources), list(facts)
    async with connection.cursor() as cursor:
        await cursor.executemany(Q["put_place_facts"], [asdict(fact) for fact in facts])
        await cursor.executemany(Q["put_anchor"], [asdict(fact) for fact in facts])
        await cursor.executemany(Q["put_grid"], [_grid(grid) for grid in grids])
        members = [{"place": p, "grid": grid.code, "since": now} for grid in grids for p in grid.places]
        await cursor.executemany(Q["put_grid_place"], members)
        for person in people:
            row, fields = _person(person)
            await cursor.execute(Q["put_person"], row)
            if fields and await cursor.fetchone() is not None:
                await personal.put(connection, vault or Vault(), personal.person(person.id), fields)
        await cursor.executemany(Q["put_post"], [asdict(post) for post in posts])
        turns = [{**asdict(shift), "kind": shift.kind.value, "by": by} for shift in shifts]
        await cursor.executemany(Q["put_shift"], turns)
        rows = [{**asdict(r), "subject": f"resource:{r.id}", "now": now, "by": by} for r in resources]
        await cursor.executemany(Q["put_resource"], rows)
        await cursor.executemany(Q["put_installed"], [row for row in rows if row["x"] is not None])


async def link_logins(connection: AsyncConnection[Any], logins: Mapping[str, str]) -> None:
    """Say which person stands behind a user name, where that is not known yet."""
    async with connection.cursor() as cursor:
        rows = [{"user_name": name, "person": person} for name, person in logins.items()]
        await cursor.executemany(Q["link_login"], rows)


def _grid(grid: Grid) -> dict[str, Any]:
    return {**asdict(grid), "kind": grid.kind.value, "alt_codes": Jsonb(dict(grid.alt_codes or {}))}


def _person(person: Person) -> tuple[dict[str, Any], dict[str, str | None]]:
    """The row, and what of it is sealed: the phone, of family contacts the name as well."""
    row = {**asdict(person), "roles": list(person.roles), "skills": list(person.skills)}
    fields: dict[str, str | None] = {} if person.phone is None else {"phone": person.phone}
    if person.cares_for is None:
        return row, fields
    return {**row, "name": masked(person.name)}, {**fields, "name": person.name}
