"""Responsibility points (责任积分, 雒币): two reviews by two people, then publication (两审议一公开)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Step(StrEnum):
    """What an entry needs, in this order."""

    FIRST = "first"
    SECOND = "second"
    PUBLISH = "publish"


class Stand(StrEnum):
    """Where an entry stands; only what is published counts."""

    PROPOSED = "proposed"
    REVIEWED = "reviewed"  # once
    APPROVED = "approved"  # twice, by two people
    PUBLISHED = "published"
    REFUSED = "refused"


class Bar(StrEnum):
    """Why somebody may not take the next step."""

    OVER = "over"  # published or refused: only a counter-entry changes it
    OWN = "own"  # whoever proposed it does not review it
    TWICE = "twice"  # the same person does not review it twice
    LEADER = "leader"  # publication is a leader's


_NEXT: Mapping[Stand, Step] = MappingProxyType(
    {Stand.PROPOSED: Step.FIRST, Stand.REVIEWED: Step.SECOND, Stand.APPROVED: Step.PUBLISH}
)
_AFTER: Mapping[Step, Stand] = MappingProxyType(
    {Step.FIRST: Stand.REVIEWED, Step.SECOND: Stand.APPROVED, Step.PUBLISH: Stand.PUBLISHED}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One step that was taken."""

    step: Step
    approve: bool
    by: str


def stand_of(reviews: Iterable[Review]) -> Stand:
    """Say where an entry stands."""
    stand = Stand.PROPOSED
    for review in sorted(reviews, key=lambda review: list(Step).index(review.step)):
        if not review.approve:
            return Stand.REFUSED
        stand = _AFTER[review.step]
    return stand


def next_step(stand: Stand) -> Step | None:
    """What an entry needs next; None where nothing can follow."""
    return _NEXT.get(stand)


def objection(proposed_by: str, reviews: tuple[Review, ...], who: str, *, leader: bool) -> Bar | None:
    """Say why this person may not take the next step; None: may."""
    step = next_step(stand_of(reviews))
    if step is None:
        return Bar.OVER
    if step is Step.PUBLISH:
        return None if leader else Bar.LEADER
    if who == proposed_by:
        return Bar.OWN
    return Bar.TWICE if any(review.by == who for review in reviews) else None
