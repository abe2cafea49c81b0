"""What happens to an alert that nobody takes, as timetables: pure, `now` is an argument.

An alert waits for somebody step by step: severity 1 is dispatched by itself after half a minute;
the others go amber, red and under supervision with the time to accept, and are paged again and again after
that. There is always a next step while the alert waits, so there is always a timer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rules.sla import AMBER, LEVELS, RED, SUPERVISE, Promise, Time, due

URGENT: Final = 1
AGAIN_AT_LEAST: Final = timedelta(minutes=5)
"""Nobody is paged more often than this for an alert that is late already."""


class Step(StrEnum):
    """What is done about an alert that still waits."""

    RAISED = "raised"
    DISPATCH = "auto_dispatch"  # by itself, for want of an operator
    AMBER = "amber"
    RED = "escalate"
    SUPERVISE = "supervise"
    AGAIN = "page_again"


LEVEL_STEPS: Final = {AMBER: Step.AMBER, RED: Step.RED, SUPERVISE: Step.SUPERVISE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """One step of the timetable."""

    step: Step
    at: datetime


def waits(
    since: datetime, severity: int, accept: timedelta, unattended: timedelta, time: Time
) -> tuple[Wait, ...]:
    """The timetable of an alert that waits since then, in order; the last one is repeated."""
    promise = Promise(limit=time.limit(accept, severity), working=time.working(severity), running_since=since)
    found = [Wait(step=Step.RAISED, at=since)]
    if severity == URGENT:
        found.append(Wait(step=Step.DISPATCH, at=since + unattended))
    for level in LEVELS:
        at = due(promise, level, time.hours)
        if at is not None:
            found.append(Wait(step=LEVEL_STEPS[level], at=at))
    return tuple(sorted(found, key=lambda wait: wait.at))


def again(accept: timedelta, time: Time, severity: int) -> timedelta:
    """How long to wait before paging once more."""
    return max(time.limit(accept, severity), AGAIN_AT_LEAST / time.speed)


@dataclass(frozen=True, kw_only=True, slots=True)
class CareStep:
    """Who is asked so long after a person of concern was missed."""

    after: timedelta
    roles: tuple[str, ...]


def care_chain(grid: timedelta, outside: timedelta) -> tuple[CareStep, ...]:
    """Family contact, then the grid worker at the door, then community police and an ambulance."""
    return (
        CareStep(after=timedelta(), roles=("FAM",)),
        CareStep(after=grid, roles=("GW",)),
        CareStep(after=outside, roles=("CP", "120")),
    )


class Verdict(StrEnum):
    """What confirming an alarm came to."""

    CONFIRMED = "confirmed"  # somebody, or another device, says that it is real
    ASSUMED = "assumed"  # nobody said anything in time: treated as real
    BYPASSED = "bypassed"  # somebody did not want to wait
    REFUTED = "refuted"  # a false alarm, in time


class Task(StrEnum):
    """What an operator can do to confirm."""

    CALL_RESIDENT = "call_resident"
    SECOND_SENSOR = "second_sensor"
    NEAREST_CAMERA = "nearest_camera"


SURE: Final = 0.6
"""The word of one device (rules/handling/case.py): more means that others say the same."""


def must_confirm(hazard: str, severity: int, after_confirm: tuple[str, ...]) -> bool:
    """Whether an alarm waits for a confirmation before outside parties are called."""
    return bool(after_confirm) and severity == URGENT and hazard in ("fire", "help", "gas")


def settled(*, answered: bool, hazard: str, surer: bool, now: datetime, until: datetime) -> Verdict | None:
    """What the confirming has come to by now; None: it waits on, or the person was reached."""
    if hazard == "help" and answered:
        return None
    if surer:
        return Verdict.CONFIRMED
    return Verdict.ASSUMED if now >= until else None
