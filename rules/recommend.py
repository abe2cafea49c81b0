"""Who should go: candidates in, the best ones with their reasons out, and what is missing.

Every candidate costs seconds: the way, the orders already carried, being called from home, being
tired, a skill that is not there. The sum is an estimate of when help is there, so each reason can
be shown with its share and nobody has to trust a score without a unit. Constants are the design's
(nobody's standard) and stand here together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.position import FRESH, Source, Spot, apart
from rules.roster import Standing

WALK = 1.4  # m/s
RIDE = 5.0  # m/s, what is farther than a walk: a bicycle, an electric scooter, traffic
WALKABLE = 800.0  # m
PER_ORDER = 600.0  # s, an order that somebody carries already
CALLED = 300.0  # s, on call: gets ready first
ASKED = 420.0  # s, nobody plans their hours: must be found and asked
NO_SKILL = 900.0  # s for each skill that is wanted and not there
STRANGER = 180.0  # s, not responsible for this place: must be told what is where
TIRED = 240.0  # s, finished an order less than REST ago
REST = timedelta(minutes=20)
STALE_SPEED = 0.5  # m/s, how fast an old position grows uncertain
WORST_STALE = 1_500.0  # m


class ResponderState(StrEnum):
    """What a responder is doing."""

    AVAILABLE = "available"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RESTING = "resting"
    OFF = "off"


WARN_AFTER = {
    ResponderState.ASSIGNED: timedelta(minutes=3),
    ResponderState.EN_ROUTE: timedelta(minutes=20),
    ResponderState.ON_SCENE: timedelta(minutes=60),
    ResponderState.RESTING: timedelta(minutes=45),
}
"""Longer in one state than this is worth a look."""
AT_A_DESK = frozenset({"OP", "SL"})
"""Who helps by telephone: how far away they sit is no reason."""
"""A lone worker on the spot is asked after this long whether all is well."""


class Why(StrEnum):
    """A reason for or against somebody."""

    ON_DUTY = "on_duty"
    ON_CALL = "on_call"
    UNROSTERED = "unrostered"
    RESPONSIBLE = "responsible"  # for this very place or grid
    ELSEWHERE = "elsewhere"  # responsible for another place
    DISTANCE = "distance"
    OLD_POSITION = "old_position"
    GUESSED_POSITION = "guessed_position"
    NO_POSITION = "no_position"
    SKILLED = "skilled"
    SKILL_MISSING = "skill_missing"
    BUSY = "busy"
    RESTED = "rested"
    TIRED = "tired"
    # never proposed
    OFF_DUTY = "off_duty"
    ON_LEAVE = "on_leave"
    RESTING = "resting"
    OFF = "off"
    REFUSED = "refused"  # handed this very order back


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with the number behind it and the seconds it adds to the estimate."""

    why: Why
    value: float | str | None = None
    adds_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What is wanted: a role at a place, so many, with these skills."""

    role: str
    spot: Spot
    count: int = 1
    skills: tuple[str, ...] = ()
    grid: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Somebody who could go, as far as it is known."""

    person: str
    roles: tuple[str, ...]
    standing: Standing
    path: tuple[str, ...]  # of the place they are responsible for
    skills: tuple[str, ...] = ()
    grid: str | None = None
    spot: Spot | None = None
    state: ResponderState = ResponderState.AVAILABLE
    orders: int = 0  # open ones
    finished_at: datetime | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Somebody to send (or not), the estimate, and every reason."""

    person: str
    eta_s: float
    reasons: tuple[Reason, ...]
    distance_m: float | None = None
    fit: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """The best for a need, best first; the others and why not; and what is missing."""

    role: str
    wanted: int
    found: int
    missing_skills: tuple[str, ...] = ()
    picks: tuple[Recommendation, ...] = ()
    others: tuple[Recommendation, ...] = field(default=())

    @property
    def short(self) -> int:
        """How many are missing."""
        return max(0, self.wanted - self.found)


def recommend(need: Need, candidates: Iterable[Candidate], now: datetime) -> Advice:
    """Choose the nearest suitable people for a need, with reasons, and say what is missing."""
    judged = [_judge(need, one, now) for one in candidates if need.role in one.roles]
    fit = sorted((r for r in judged if r.fit), key=lambda r: (r.eta_s, r.person))
    picks = tuple(fit[: need.count])
    skills = {skill for one in picks for skill in _skills(one)}
    unfit = sorted((r for r in judged if not r.fit), key=lambda r: r.person)
    return Advice(
        role=need.role,
        wanted=need.count,
        found=len(picks),
        missing_skills=tuple(s for s in need.skills if s not in skills),
        picks=picks,
        others=(*fit[need.count :], *unfit),
    )


def late_in_state(state: ResponderState, since: datetime, now: datetime) -> bool:
    """Whether somebody has been in a state longer than is usual."""
    limit = WARN_AFTER.get(state)
    return limit is not None and now - since > limit


def _judge(need: Need, one: Candidate, now: datetime) -> Recommendation:
    against = _against(one)
    if against is not None:
        return Recommendation(one.person, 0.0, (Reason(against),), fit=False)
    far, metres = ((), None) if need.role in AT_A_DESK else _way(need, one, now)
    reasons = (*_duty(one), *_place(need, one), *far, *_skill(need, one), *_load(one, now))
    return Recommendation(one.person, round(sum(r.adds_s for r in reasons), 1), reasons, metres)


def _against(one: Candidate) -> Why | None:
    """Why somebody is not to be sent at all."""
    table = (
        (one.refused, Why.REFUSED),
        (one.standing is Standing.ON_LEAVE, Why.ON_LEAVE),
        (one.standing is Standing.OFF_DUTY, Why.OFF_DUTY),
        (one.state is ResponderState.OFF, Why.OFF),
        (one.state is ResponderState.RESTING, Why.RESTING),
    )
    return next((why for true, why in table if true), None)


def _duty(one: Candidate) -> tuple[Reason, ...]:
    known = {
        Standing.ON_DUTY: Reason(Why.ON_DUTY),
        Standing.ON_CALL: Reason(Why.ON_CALL, adds_s=CALLED),
        Standing.UNROSTERED: Reason(Why.UNROSTERED, adds_s=ASKED),
    }
    return (known[one.standing],)


def _place(need: Need, one: Candidate) -> tuple[Reason, ...]:
    covers = need.spot.path[: len(one.path)] == one.path
    if covers or (need.grid is not None and one.grid == need.grid):
        return (Reason(Why.RESPONSIBLE, one.grid if one.grid == need.grid else one.path[-1]),)
    return (Reason(Why.ELSEWHERE, one.path[-1], STRANGER),)


def _way(need: Need, one: Candidate, now: datetime) -> tuple[tuple[Reason, ...], float | None]:
    if one.spot is None:
        worst = apart(Spot(path=one.path, source=Source.HOME, at=now), need.spot).metres
        return (Reason(Why.NO_POSITION, worst, _travel(worst)),), None
    way = apart(one.spot, need.spot)
    reasons = [Reason(Why.DISTANCE, way.metres, round(_travel(way.metres), 1))]
    age = (now - one.spot.at).total_seconds()
    if one.spot.source in (Source.DUTY, Source.HOME):
        reasons.append(Reason(Why.GUESSED_POSITION, one.spot.source.value))
    elif one.spot.source is not Source.INSTALLED and age > FRESH.total_seconds():
        drift = min(WORST_STALE, age * STALE_SPEED)
        reasons.append(Reason(Why.OLD_POSITION, round(age), round(_travel(drift), 1)))
    return tuple(reasons), way.metres


def _travel(metres: float) -> float:
    return metres / WALK if metres <= WALKABLE else WALKABLE / WALK + (metres - WALKABLE) / RIDE


def _skill(need: Need, one: Candidate) -> tuple[Reason, ...]:
    return tuple(
        Reason(Why.SKILLED, skill) if skill in one.skills else Reason(Why.SKILL_MISSING, skill, NO_SKILL)
        for skill in need.skills
    )


def _load(one: Candidate, now: datetime) -> tuple[Reason, ...]:
    reasons = [Reason(Why.BUSY, one.orders, one.orders * PER_ORDER)] if one.orders else []
    if one.finished_at is not None:
        since = now - one.finished_at
        tired = since < REST
        reasons.append(
            Reason(Why.TIRED if tired else Why.RESTED, round(since.total_seconds()), TIRED * tired)
        )
    return tuple(reasons)


def _skills(one: Recommendation) -> tuple[str, ...]:
    return tuple(str(r.value) for r in one.reasons if r.why is Why.SKILLED)
