"""When to try again: exponential pauses with full jitter, bounded by the letter's expiry. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """The longest pause after attempt n is `base * 2^(n-1)`, and never more than `most` seconds."""

    base: float = 1.0
    most: float = 300.0

    def ceiling(self, attempt: int) -> float:
        """Answer the longest pause after this attempt, counted from 1."""
        doublings = min(max(attempt, 1) - 1, 62)  # beyond that a float gains nothing
        return min(self.base * 2.0**doublings, self.most)

    def pause(self, attempt: int, chance: float) -> float:
        """Answer the pause for a chance in [0, 1): full jitter, so that a herd spreads out."""
        return self.ceiling(attempt) * chance


DEFAULT: Final = Backoff()


def next_try(
    *, now: datetime, attempt: int, expires_at: datetime, chance: float, backoff: Backoff = DEFAULT
) -> datetime | None:
    """Answer when to try again; None where the letter would be too old by then."""
    due = now + timedelta(seconds=backoff.pause(attempt, chance))
    return due if due < expires_at else None
