"""Rosters: posts, shifts, hand-overs and leave; rules/roster.py says what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from console import accounts
from console.auth import Caller
from console.database import Connection, Database, fetch, fetch_one
from console.organisation import SQL as PEOPLE
from console.problems import Beaten, Forbidden, Invalid
from devices.errors import Conflict, NotFound
from devices.organisation import Post, Shift, ShiftKind
from ingest.store.sql import load
from rules.roster import (
    Called,
    Leave,
    Standing,
    called,
    clashes,
    gaps,
    on_duty,
    shift_problems,
    standing,
)

SQL: Final = load("console.store", "rosters.sql")


async def week(
    database: Database, caller: Caller, *, start: datetime, end: datetime, place: str | None
) -> dict[str, Any]:
    """The roster between two moments: posts with shifts and gaps, leave, and who is planned twice."""
    about = {"scope": caller.scope, "code": None, "from": start, "until": end}
    rows = await database.rows(SQL["posts"], about)
    rows = [row for row in rows if place is None or place in row["path"]]
    shifts = await database.rows(SQL["shifts"], {**about, "posts": [row["code"] for row in rows]})
    away = await database.rows(SQL["leaves"], about)
    plain, leaves = [_shift(row) for row in shifts], [_leave(row) for row in away]
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "posts": [
            {
                **_wire_post(row),
                "shifts": [_wire(shift) for shift in shifts if shift["post"] == row["code"]],
                "gaps": [
                    {**asdict(gap), "starts": gap.starts.isoformat(), "ends": gap.ends.isoformat()}
                    for gap in gaps(_post(row), plain, leaves, start, end)
                ],
            }
            for row in rows
        ],
        "leaves": [_wire(row) for row in away],
        "clashes": [
            {"person": c.person, "starts": c.starts.isoformat(), "ends": c.ends.isoformat(), "why": c.why}
            for c in clashes(plain, leaves)
        ],
    }


class Standings:
    """Who stands how to duty at one moment, read once for many questions."""

    def __init__(
        self, posts: Iterable[Post], shifts: Iterable[Shift], leaves: Iterable[Leave], planned: Iterable[str]
    ) -> None:
        self.posts, self.shifts, self.leaves = list(posts), list(shifts), list(leaves)
        self._planned = frozenset(planned)
        self.left_out: frozenset[str] = frozenset()

    @classmethod
    async def read(cls, connection: Connection, at: datetime) -> Standings:
        """Read every post, and who holds or misses one at this moment."""
        about = {"at": at, "from": at, "until": at, "scope": None}

        async def rows(name: str) -> list[dict[str, Any]]:
            return await (await connection.execute(SQL[name], about)).fetchall()

        return cls(
            [_post(row) for row in await rows("all_posts")],
            [_shift(row) for row in await rows("shifts_around")],
            [_leave(row) for row in await rows("leaves_now")],
            [row["person"] for row in await rows("rostered")],
        )

    def without(self, person: str | None) -> Standings:
        """The same for a question that somebody is left out of: as if they were away, and nobody for them."""
        less = Standings(
            self.posts, [s for s in self.shifts if s.person != person], self.leaves, self._planned
        )
        less.left_out = frozenset({person} if person else ())
        return less

    def of(self, person: str, at: datetime) -> Standing:
        """How one person stands to duty."""
        return standing(person, self.shifts, self.leaves, at, rostered=person in self._planned)

    def on_duty(self, role: str, path: Iterable[str], at: datetime) -> list[dict[str, Any]]:
        """Who is on duty for a role at a place, with the reason."""
        found = on_duty(role, list(path), self.posts, self.shifts, self.leaves, at=at)
        return [{**asdict(entry), "until": entry.until.isoformat()} for entry in found]

    def called(self, role: str, path: Iterable[str], others: Iterable[str], at: datetime) -> Called:
        """Who of a role is told now of something at a place; `others` have the role and answer for it."""
        holding = on_duty(role, list(path), self.posts, self.shifts, self.leaves, at=at)
        return called(role, holding, {person: self.of(person, at) for person in others})

    def post_of(self, person: str) -> Post | None:
        """The post somebody holds now, for where they are likely to be."""
        held = next((s.post for s in self.shifts if s.person == person and s.kind is ShiftKind.DUTY), None)
        return next((post for post in self.posts if post.code == held), None)


async def add_post(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Add a post.

    Raises NotFound for a place outside the caller's, Conflict where the code is taken.
    """
    if await fetch(connection, PEOPLE["place"], {"code": wish["place"], "scope": caller.scope}) is None:
        raise NotFound("place", wish["place"])
    if await fetch(connection, SQL["add_post"], wish) is None:
        raise Conflict(f"there is a post {wish['code']!r} already")
    await accounts.audit(connection, caller.name, "post.add", wish["code"], source=caller.source)
    return _wire_post(await fetch_one(connection, SQL["posts"], {"scope": None, "code": wish["code"]}))


async def change_post(
    connection: Connection, caller: Caller, code: str, wish: Mapping[str, Any]
) -> dict[str, Any]:
    """Change how many people hold a post, when, and what it is called.

    Raises NotFound, Beaten where `version` is old.
    """
    await _post_of(connection, caller, code)
    if await fetch(connection, SQL["change_post"], {**wish, "code": code}) is None:
        raise Beaten(f"post {code} has changed: read it again", legal=(), last=None)
    detail = {name: str(value) for name, value in wish.items()}
    await accounts.audit(connection, caller.name, "post.change", code, detail=detail, source=caller.source)
    return _wire_post(await _post_of(connection, caller, code))


async def end_post(connection: Connection, caller: Caller, code: str) -> dict[str, Any]:
    """End a post; shifts that have not begun are cancelled with it.

    Raises NotFound.
    """
    post = await _post_of(connection, caller, code)
    gone = await (await connection.execute(SQL["cancel_ahead"], {"code": code})).fetchall()
    await connection.execute(SQL["end_post"], {"code": code})
    await accounts.audit(
        connection, caller.name, "post.end", code, detail={"shifts": len(gone)}, source=caller.source
    )
    return _wire_post(post)


async def _post_of(connection: Connection, caller: Caller, code: str) -> dict[str, Any]:
    row = await fetch(connection, SQL["posts"], {"scope": caller.scope, "code": code})
    if row is None:
        raise NotFound("post", code)
    return row


async def add_shift(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Put somebody on a post for a time.

    Raises NotFound, Invalid for impossible times, Conflict where the person is on another post then or away.
    """
    if errors := shift_problems(wish["starts"], wish["ends"]):
        raise Invalid(errors)
    await _post_of(connection, caller, wish["post"])
    await _must_see(connection, caller, wish["person"])
    await connection.execute(SQL["lock_person_hours"], {"person": wish["person"]})
    about = {"person": wish["person"], "from": wish["starts"], "until": wish["ends"], "scope": None}
    others = await (await connection.execute(SQL["shifts_of"], about)).fetchall()
    away = await (await connection.execute(SQL["leaves"], about)).fetchall()
    mine = Shift(**{name: wish[name] for name in ("post", "person", "starts", "ends", "kind")})
    found = clashes([*(_shift(row) for row in others), mine], [_leave(row) for row in away])
    if clash := next((c for c in found if c.person == wish["person"]), None):
        text = "is on another post then" if clash.why == "two_posts" else "is away then"
        raise Conflict(f"{wish['person']} {text}: {clash.starts.isoformat()} to {clash.ends.isoformat()}")
    number = (await fetch_one(connection, SQL["add_shift"], {**wish, "by": caller.name}))["id"]
    detail = {"post": wish["post"], "person": wish["person"]}
    await accounts.audit(
        connection, caller.name, "shift.add", str(number), detail=detail, source=caller.source
    )
    return {"id": number}


async def act_on_shift(
    connection: Connection, caller: Caller, number: int, action: str, note: str | None
) -> dict[str, Any]:
    """Cancel a shift, hand it over with a note, or take it over.

    Raises NotFound, Invalid without a note, Conflict out of turn, Forbidden for whoever would
    take over from themselves.
    """
    row = await fetch(connection, SQL["lock_shift"], {"id": number, "scope": caller.scope})
    if row is None:
        raise NotFound("shift", str(number))
    if row["cancelled_at"] is not None:
        raise Conflict("this shift is cancelled")
    about = {"id": number, "note": note, "by": caller.name, "post": row["post"], "ends": row["ends"]}
    if action == "hand_over":
        if not note:
            raise Invalid({"note": "write what the next one must know"})
        if row["taken_at"] is not None:
            raise Conflict(f"{row['taken_by']} has taken over already")
        await connection.execute(SQL["hand_over"], about)
    elif action == "take_over":
        await _take(connection, caller, row, about)
    else:
        if row["handed_at"] is not None:
            raise Conflict("a shift that was handed over stays on record")
        await connection.execute(SQL["cancel_shift"], about)
    await accounts.audit(
        connection, caller.name, f"shift.{action}", str(number), detail={"note": note}, source=caller.source
    )
    fresh = await fetch_one(connection, SQL["lock_shift"], {"id": number, "scope": None})
    shown = ("id", "post", "person", "note", "handed_at", "handed_by", "taken_at", "taken_by", "cancelled_at")
    return _wire({name: fresh[name] for name in shown})


async def add_leave(connection: Connection, caller: Caller, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Write down that somebody is away; shifts in that time become gaps, which the roster shows."""
    if wish["ends"] <= wish["starts"]:
        raise Invalid({"ends": "leave ends after it starts"})
    await _must_see(connection, caller, wish["person"])
    if (stand_in := wish["stand_in"]) is not None:
        if stand_in == wish["person"]:
            raise Invalid({"stand_in": "somebody else stands in"})
        await _must_see(connection, caller, stand_in)
    number = (await fetch_one(connection, SQL["add_leave"], {**wish, "by": caller.name}))["id"]
    detail = {name: wish[name] for name in ("person", "kind", "stand_in") if wish[name]}
    await accounts.audit(
        connection, caller.name, "leave.add", str(number), detail=detail, source=caller.source
    )
    return {"id": number}


async def cancel_leave(connection: Connection, caller: Caller, number: int) -> dict[str, Any]:
    """Take leave back.

    Raises NotFound.
    """
    if await fetch(connection, SQL["cancel_leave"], {"id": number, "scope": caller.scope}) is None:
        raise NotFound("leave", str(number))
    await accounts.audit(connection, caller.name, "leave.cancel", str(number), source=caller.source)
    return {"id": number}


async def _take(
    connection: Connection, caller: Caller, row: Mapping[str, Any], about: Mapping[str, Any]
) -> None:
    """The next one confirms: never whoever handed over."""
    if row["handed_at"] is None:
        raise Conflict("nobody has handed this shift over yet")
    if row["taken_at"] is not None:
        raise Conflict(f"{row['taken_by']} has taken over already")
    if caller.name in (row["handed_by"], row["holder"]):
        raise Forbidden("Somebody else takes over: you handed this shift over.")
    await connection.execute(SQL["take_over"], about)


async def _must_see(connection: Connection, caller: Caller, person: str) -> None:
    if await fetch(connection, PEOPLE["person"], {"id": person, "scope": caller.scope}) is None:
        raise NotFound("person", person)


def _post(row: Mapping[str, Any]) -> Post:
    names = ("code", "name_zh", "name_en", "role", "place", "minimum", "opens", "closes")
    return Post(**{name: row[name] for name in names})


def _shift(row: Mapping[str, Any]) -> Shift:
    return Shift(
        post=row["post"],
        person=row["person"],
        starts=row["starts"],
        ends=row["ends"],
        kind=ShiftKind(row["kind"]),
    )


def _leave(row: Mapping[str, Any]) -> Leave:
    return Leave(person=row["person"], starts=row["starts"], ends=row["ends"], stand_in=row["stand_in"])


def _wire_post(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("code", "name_zh", "name_en", "role", "place", "minimum", "version")
    times = {name: row[name].isoformat("minutes") for name in ("opens", "closes")}
    return {**{name: row[name] for name in shown}, **times}


def _wire(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
