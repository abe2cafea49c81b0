"""When somebody acted, who says so from a phone that was out of reach: a claim within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

AHEAD: Final = timedelta(seconds=60)
"""Clocks of phones differ by this much without meaning anything."""
OLDEST: Final = timedelta(days=1)
"""Nobody is a day without network and still on the same order."""


class Flag(StrEnum):
    """What is odd about a claimed time."""

    AHEAD = "clock_ahead"
    OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Acted:
    """The moment that counts, and what was odd about the claim."""

    at: datetime
    flags: tuple[Flag, ...] = ()


def acted(claimed: datetime | None, now: datetime) -> Acted:
    """Take a claim that can be true; for any other the moment of arrival counts, and it is flagged."""
    if claimed is None:
        return Acted(now)
    if claimed > now + AHEAD:
        return Acted(now, (Flag.AHEAD,))
    if claimed < now - OLDEST:
        return Acted(now, (Flag.OLD,))
    return Acted(min(claimed, now))
