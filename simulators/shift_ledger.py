"""What a shift must come to, reckoned from what was done and when; the platform's code has no part in it.

Each moment is known as an interval: the platform's own moment lies between the question and the
answer. What must have happened follows from the narrowest reading, what must not from the widest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

LEVELS: Final = (80, 100, 150)
"""Per cent of a promise: amber, red (one step up the ladder), 督办."""

_M, _H = timedelta(minutes=1), timedelta(hours=1)
LIMITS: Mapping[str, tuple[timedelta, timedelta, timedelta]] = MappingProxyType(
    {
        "FIRE-001": (_M, 5 * _M, 2 * _H),
        "SOS-001": (_M / 2, 15 * _M, 2 * _H),
        "REPORT/1": (_M, 15 * _M, 2 * _H),
        "REPORT/2": (5 * _M, 30 * _M, 24 * _H),
        "REPORT/3": (30 * _M, 4 * _H, 72 * _H),
    }
)
"""Accept (and sign), arrive, close: a copy of domain.md's table, not of the platform's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Not before `lo`, not after `hi`."""

    lo: datetime
    hi: datetime


@dataclass(kw_only=True, slots=True)
class Span:
    """One promise: what it allowed, when it began and when it was over."""

    clock: str
    seq: int
    limit: timedelta
    began: Moment
    ended: Moment | None = None

    def threshold(self, level: int) -> timedelta:
        """The time after which a level is reached."""
        return self.limit * level / 100

    def must(self, now: datetime, grace: timedelta) -> frozenset[int]:
        """The levels that were reached by any reading, `grace` before the end."""
        end = self.ended.lo if self.ended else now
        return frozenset(n for n in LEVELS if end - self.began.hi > self.threshold(n) + grace)

    def may(self, now: datetime) -> frozenset[int]:
        """The levels that can have been reached."""
        end = self.ended.hi if self.ended else now
        return frozenset(n for n in LEVELS if end - self.began.lo >= self.threshold(n))

    def due(self, level: int) -> Moment:
        """When a level is reached."""
        after = self.threshold(level)
        return Moment(lo=self.began.lo + after, hi=self.began.hi + after)


@dataclass(kw_only=True, slots=True)
class CaseLedger:
    """One case as the people who worked on it remember it."""

    name: str
    habit: str
    incident: int = 0
    moves: list[tuple[str, str]] = field(default_factory=list)  # (action, who), in order
    spans: list[Span] = field(default_factory=list)
    final: str = "closed"
    own_check_refused: bool = False
    failure: str = ""  # it could not be played to its end
    auto: Moment | None = None  # when the platform had to dispatch it by itself
    named: str = ""  # whom its plan sent

    def begin(self, clock: str, limit: timedelta, began: Moment) -> None:
        """A promise is given."""
        seq = 1 + sum(span.clock == clock for span in self.spans)
        self.spans.append(Span(clock=clock, seq=seq, limit=limit, began=began))

    def end(self, ended: Moment, *clocks: str) -> None:
        """Promises are kept, or not needed any more."""
        for span in self.spans:
            if span.clock in clocks and span.ended is None:
                span.ended = ended
