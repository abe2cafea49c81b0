"""Who and what is near: reads candidates and resources, asks rules/recommend.py, and shows its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from console.auth import Caller
from console.database import Connection, fetch, fetch_one
from console.duty_roster import Standings
from console.organisation import SQL as PEOPLE
from console.organisation import on_globe, spot_of
from devices.errors import NotFound
from devices.organisation import OUTSIDE, USEFUL, ResourceState
from ingest.store.sql import load
from rules.position import FRESH, Source, Spot, apart, best
from rules.recommend import (
    Advice,
    Candidate,
    Need,
    Recommendation,
    ResponderState,
    late_in_state,
    recommend,
)
from rules.roster import Standing

SQL: Final = load("console.store", "advice.sql")
MOST_OTHERS: Final = 8  # shown besides the recommended ones
MOST_RESOURCES: Final = 6
_STALE_AFTER: Final = timedelta(days=180)  # a resource nobody has checked for so long


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Where help is wanted."""

    row: Mapping[str, Any]
    spot: Spot
    now: datetime

    @property
    def path(self) -> tuple[str, ...]:
        """The codes from the root to the place."""
        return self.spot.path


async def scene(connection: Connection, kind: str, number: int | str, scope: str | None) -> Scene:
    """Find the scene of an incident, an alert or simply a place.

    Raises NotFound outside the caller's places.
    """
    row = await fetch(connection, SQL[f"{kind}_scene"], {"id": number, "scope": scope})
    if row is None:
        raise NotFound(kind, str(number))
    now = (await fetch_one(connection, SQL["now"]))["now"]
    x, y = row["x"], row["y"]
    if x is None and row["outline"]:
        corners = row["outline"]
        x, y = (sum(corner[n] for corner in corners) / len(corners) for n in (0, 1))
    known = x is not None and row["origin_lat"] is not None
    lat, lon = on_globe(row["origin_lat"], row["origin_lon"], x, y) if known else (None, None)
    spot = Spot(path=tuple(row["path"]), source=Source.INSTALLED, at=now, x=x, y=y, lat=lat, lon=lon)
    return Scene(row=row, spot=spot, now=now)


async def advise(
    connection: Connection, caller: Caller, where: Scene, needs: Sequence[tuple[str, int, Sequence[str]]]
) -> list[dict[str, Any]]:
    """Recommend people for each (role, how many, skills), as the page shows them."""
    advice, rows = await recommended(connection, caller, where, needs)
    return [_wire(one, rows, where.now) for one in advice]


async def recommended(
    connection: Connection, caller: Caller, where: Scene, needs: Sequence[tuple[str, int, Sequence[str]]]
) -> tuple[list[Advice], dict[str, dict[str, Any]]]:
    """Recommend people for each need; the second answer is what is known about everybody asked about."""
    roles = sorted({role for role, *_ in needs if role not in OUTSIDE})
    about = {
        "roles": roles,
        "path": list(where.path),
        "subject": where.row["subject"],
        "incident": where.row["id"] or None,
        "scope": caller.scope,
    }
    rows = {row["id"]: row for row in await (await connection.execute(SQL["candidates"], about)).fetchall()}
    standings = await Standings.read(connection, where.now)
    spots = await _spots(connection, [f"person:{id_}" for id_ in rows])
    places = await _paths(connection, standings)
    people = []
    for row in rows.values():
        spot = best(
            [*spots.get(f"person:{row['id']}", ()), *_guesses(row, standings, places, where.now)], where.now
        )
        row["spot"], row["standing"] = spot, standings.of(row["id"], where.now)
        people.append(_candidate(row))
    found = [
        recommend(
            Need(role=role, spot=where.spot, count=count, skills=tuple(skills), grid=where.row["grid"]),
            people,
            where.now,
        )
        for role, count, skills in needs
        if role not in OUTSIDE
    ]
    return found, rows


async def nearest_resources(
    connection: Connection, caller: Caller, where: Scene, kinds: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Resources of these kinds, nearest first, what cannot be used last, each with its reasons."""
    about = {"scope": caller.scope, "kinds": list(kinds) if kinds else None, "place": None, "id": None}
    rows = await (await connection.execute(SQL["resources"], {**about, "only_own": False})).fetchall()
    spots = await _spots(connection, [f"resource:{row['id']}" for row in rows])
    found = []
    for row in rows:
        spot = best(spots.get(f"resource:{row['id']}", ()), where.now) or Spot(
            path=tuple(row["path"]), source=Source.HOME, at=where.now
        )
        way = apart(spot, where.spot)
        found.append(
            {
                **resource_wire(row, spot, where.now),
                "distance_m": way.metres,
                "basis": way.basis,
                "own": row["own"],
                "usable": row["state"] == ResourceState.READY and not _expired(row, where.now),
            }
        )
    found.sort(key=lambda one: (not one["usable"], one["distance_m"], one["id"]))
    return found


def useful_for(code: str) -> tuple[str, ...]:
    """The kinds of resources that help with an alert's code."""
    return USEFUL.get(code.partition("-")[0], ())


def resource_wire(row: Mapping[str, Any], spot: Spot | None, now: datetime) -> dict[str, Any]:
    """A resource as the HTTP contract shows it, its position with source and age."""
    names = (
        "id",
        "kind",
        "name_zh",
        "name_en",
        "place",
        "place_zh",
        "place_en",
        "quantity",
        "state",
        "version",
    )
    checked: datetime | None = row["checked_at"]
    return {
        **{name: row[name] for name in (*names, "place", "place_zh", "place_en")},
        "keeper": row["keeper_name"],
        "checked_at": checked.isoformat() if checked else None,
        "unchecked": checked is None or now - checked > _STALE_AFTER,
        "expires_on": row["expires_on"].isoformat() if row["expires_on"] else None,
        "expired": _expired(row, now),
        "position": position_wire(spot, now),
    }


def position_wire(spot: Spot | None, now: datetime) -> dict[str, Any] | None:
    """A position with who says so and how old that is."""
    if spot is None:
        return None
    age = (now - spot.at).total_seconds()
    return {
        "place": spot.path[-1],
        "source": spot.source.value,
        "x": spot.x,
        "y": spot.y,
        "lat": spot.lat,
        "lon": spot.lon,
        "at": spot.at.isoformat(),
        "age_s": round(age, 1),
        "stale": spot.source is not Source.INSTALLED and age > FRESH.total_seconds(),
    }


def _wire(advice: Advice, rows: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    return {
        "role": advice.role,
        "wanted": advice.wanted,
        "found": advice.found,
        "short": advice.short,
        "missing_skills": list(advice.missing_skills),
        "picks": [_person(one, rows[one.person], now) for one in advice.picks],
        "others": [_person(one, rows[one.person], now) for one in advice.others[:MOST_OTHERS]],
    }


def _person(one: Recommendation, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a dispatcher needs of somebody; of people outside the own places not where they are."""
    state = ResponderState(row["state"])
    shown = ("name", "roles", "org", "place", "place_zh", "place_en", "neighbour", "own", "reachable")
    return {
        "person": one.person,
        **{name: row[name] for name in shown},
        "fit": one.fit,
        "eta_s": one.eta_s,
        "distance_m": one.distance_m,
        "standing": row["standing"].value,
        "state": state.value,
        "state_late": row["since"] is not None and late_in_state(state, row["since"], now),
        "orders": row["orders"],
        "position": position_wire(row["spot"], now) if row["own"] else None,
        "reasons": [{"why": r.why.value, "value": r.value, "adds_s": r.adds_s} for r in one.reasons],
    }


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        person=row["id"],
        roles=tuple(row["roles"]),
        standing=row["standing"],
        path=tuple(row["path"]),
        skills=tuple(row["skills"]),
        grid=row["grid"],
        spot=row["spot"],
        state=ResponderState(row["state"]),
        orders=row["orders"],
        finished_at=row["finished_at"],
        refused=row["refused"],
    )


async def _spots(connection: Connection, subjects: Sequence[str]) -> dict[str, list[Spot]]:
    found: dict[str, list[Spot]] = {}
    rows = await (await connection.execute(PEOPLE["positions"], {"subjects": list(subjects)})).fetchall()
    for row in rows:
        found.setdefault(row["subject"], []).append(spot_of(row))
    return found


async def _paths(connection: Connection, standings: Standings) -> dict[str, tuple[str, ...]]:
    codes = sorted({post.place for post in standings.posts})
    rows = await (await connection.execute(SQL["paths"], {"codes": codes})).fetchall()
    return {row["code"]: tuple(row["path"]) for row in rows}


def _guesses(
    row: Mapping[str, Any], standings: Standings, places: Mapping[str, tuple[str, ...]], now: datetime
) -> list[Spot]:
    """Where somebody should be: at the post they hold, or at the place they are responsible for."""
    post = standings.post_of(row["id"]) if standings.of(row["id"], now) is Standing.ON_DUTY else None
    at_post = [Spot(path=places[post.place], source=Source.DUTY, at=now)] if post else []
    return [*at_post, Spot(path=tuple(row["path"]), source=Source.HOME, at=now)]


def _expired(row: Mapping[str, Any], now: datetime) -> bool:
    return row["expires_on"] is not None and row["expires_on"] < now.date()
