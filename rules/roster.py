"""Who is on duty: shifts, leave and posts in, an answer with its reason out. Pure; times are aware.

A shift holds from its start up to, not including, its end, so that the one who comes and the one
who goes are never both on duty and never both off. Leave beats a shift; whoever stands in for the one
who is away holds it instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from devices.organisation import Post, Shift, ShiftKind

ZONE = ZoneInfo("Asia/Shanghai")
LONGEST_SHIFT = timedelta(hours=24)
_DAY = timedelta(days=1)


class Standing(StrEnum):
    """How somebody stands to duty at a moment, best first; this is the reason that is shown."""

    ON_DUTY = "on_duty"
    ON_CALL = "on_call"
    UNROSTERED = "unrostered"  # nobody plans this person's hours: a family contact, a volunteer
    OFF_DUTY = "off_duty"
    ON_LEAVE = "on_leave"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """Somebody is away; beats every shift, which the stand-in holds where one is named."""

    person: str
    starts: datetime
    ends: datetime
    stand_in: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which a post has too few people."""

    post: str
    starts: datetime
    ends: datetime
    held: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody stands on two posts at once, or has a shift while away."""

    person: str
    starts: datetime
    ends: datetime
    why: str  # two_posts | on_leave


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who holds a post now, and why we say so."""

    person: str
    post: str
    standing: Standing
    until: datetime
    stands_in_for: str | None = None


NOBODY: Final = "nobody_on_duty"


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """Who of a role is told now, and why they: a standing, or that there is nobody."""

    role: str
    people: tuple[str, ...]
    why: str
    post: str | None = None


def holds(shift: Shift | Leave, at: datetime) -> bool:
    """Whether a span of time holds at a moment: its end belongs to the next."""
    return shift.starts <= at < shift.ends


def standing(
    person: str, shifts: Iterable[Shift], leaves: Iterable[Leave], at: datetime, *, rostered: bool = False
) -> Standing:
    """Say how one person stands to duty; `rostered`: somebody plans this person's hours."""
    if any(leave.person == person and holds(leave, at) for leave in leaves):
        return Standing.ON_LEAVE
    mine = [shift for shift in shifts if person in (shift.person, _holder(shift, leaves, at))]
    now = {shift.kind for shift in mine if holds(shift, at)}
    return by_hours(now, rostered=rostered or bool(mine))


def by_hours(now: Collection[ShiftKind], *, rostered: bool) -> Standing:
    """Say how somebody who is not away stands to duty, by the shifts that hold at this moment."""
    if ShiftKind.DUTY in now:
        return Standing.ON_DUTY
    if ShiftKind.ON_CALL in now:
        return Standing.ON_CALL
    return Standing.OFF_DUTY if rostered else Standing.UNROSTERED


def on_duty(
    role: str,
    path: Sequence[str],
    posts: Iterable[Post],
    shifts: Sequence[Shift],
    leaves: Sequence[Leave],
    *,
    at: datetime,
) -> tuple[OnDuty, ...]:
    """Who is on duty for a role at a place: the nearest post on its path first, duty before on call."""
    depth = {code: n for n, code in enumerate(path)}
    found: list[tuple[int, int, datetime, OnDuty]] = []
    for post in posts:
        if post.role != role or post.place not in depth:
            continue
        for shift in (s for s in shifts if s.post == post.code and holds(s, at)):
            holder = _holder(shift, leaves, at)
            if holder is not None:
                how = by_hours({shift.kind}, rostered=True)
                absent = shift.person if holder != shift.person else None
                entry = OnDuty(holder, post.code, how, shift.ends, absent)
                found.append((-depth[post.place], list(Standing).index(how), shift.starts, entry))
    return tuple(entry for *_, entry in sorted(found, key=lambda f: (*f[:3], f[3].person)))


def called(role: str, holding: Sequence[OnDuty], others: Mapping[str, Standing]) -> Called:
    """Who of a role is told now.

    Those who hold the nearest post, before those on call for it, before the others of the role whose
    hours let them be told; whoever is off duty or away is not. `others` come in the order of telling.
    """
    for how in (Standing.ON_DUTY, Standing.ON_CALL):
        post = next((entry.post for entry in holding if entry.standing is how), None)
        if post is not None:
            people = dict.fromkeys(e.person for e in holding if e.post == post and e.standing is how)
            return Called(role=role, people=tuple(people), why=how.value, post=post)
    for how in (Standing.ON_DUTY, Standing.ON_CALL, Standing.UNROSTERED):
        reached = tuple(person for person, standing_ in others.items() if standing_ is how)
        if reached:
            return Called(role=role, people=reached, why=how.value)
    return Called(role=role, people=(), why=NOBODY)


def gaps(
    post: Post, shifts: Iterable[Shift], leaves: Sequence[Leave], start: datetime, end: datetime
) -> tuple[Gap, ...]:
    """When a post has fewer people on duty than it must have, between two moments."""
    mine = [s for s in shifts if s.post == post.code and s.kind is ShiftKind.DUTY and s.starts < s.ends]
    wanted = _open_spans(post, start, end)
    edges = {start, end}
    for span in (*wanted, *((s.starts, s.ends) for s in mine), *((v.starts, v.ends) for v in leaves)):
        edges |= {edge for edge in span if start < edge < end}
    cuts = sorted(edges)
    found: list[Gap] = []
    for a, b in pairwise(cuts):
        if not any(x <= a < y for x, y in wanted):
            continue
        held = len({_holder(s, leaves, a) for s in mine if holds(s, a)} - {None})
        if held >= post.minimum:
            continue
        last = found[-1] if found else None
        if last is not None and last.ends == a and last.held == held:
            found[-1] = Gap(post.code, last.starts, b, held, post.minimum)
        else:
            found.append(Gap(post.code, a, b, held, post.minimum))
    return tuple(found)


def clashes(shifts: Iterable[Shift], leaves: Sequence[Leave]) -> tuple[Clash, ...]:
    """Where one person is planned twice at a time, or although away."""
    found: list[Clash] = []
    people: dict[str, list[Shift]] = {}
    for shift in shifts:
        people.setdefault(shift.person, []).append(shift)
    for person, mine in people.items():
        ordered = sorted(mine, key=lambda s: (s.starts, s.ends))
        for n, one in enumerate(ordered):
            for other in ordered[n + 1 :]:
                if other.starts >= one.ends:
                    break
                if ShiftKind.DUTY in (one.kind, other.kind):
                    found.append(Clash(person, other.starts, min(one.ends, other.ends), "two_posts"))
            found.extend(
                Clash(person, max(one.starts, leave.starts), min(one.ends, leave.ends), "on_leave")
                for leave in leaves
                if leave.person == person
                and leave.stand_in is None
                and leave.starts < one.ends
                and one.starts < leave.ends
            )
    return tuple(sorted(found, key=lambda c: (c.starts, c.person, c.why)))


def shift_problems(starts: datetime, ends: datetime) -> dict[str, str]:
    """Say what is wrong with the times of a shift; empty where nothing is."""
    if ends <= starts:
        return {"ends": "a shift ends after it starts"}
    if ends - starts > LONGEST_SHIFT:
        return {"ends": f"a shift lasts at most {LONGEST_SHIFT // timedelta(hours=1)} h: make two of it"}
    return {}


def _holder(shift: Shift, leaves: Iterable[Leave], at: datetime) -> str | None:
    """Who really holds a shift: the one who is planned, or who stands in and is not away as well."""
    away = [leave for leave in leaves if holds(leave, at)]
    absent = {leave.person for leave in away}
    if shift.person not in absent:
        return shift.person
    return next(
        (
            leave.stand_in
            for leave in away
            if leave.person == shift.person and leave.stand_in and leave.stand_in not in absent
        ),
        None,
    )


def _open_spans(post: Post, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """When the post must be held, day by day in local time; a night's span begins on its evening."""
    if post.opens == post.closes:
        return [(start, end)]
    day: date = start.astimezone(ZONE).date() - _DAY
    spans: list[tuple[datetime, datetime]] = []
    while (opens := datetime.combine(day, post.opens, ZONE)) < end:
        last = day if post.closes > post.opens else day + _DAY
        closes = datetime.combine(last, post.closes, ZONE)
        if closes > start:
            spans.append((max(opens, start), min(closes, end)))
        day += _DAY
    return spans
