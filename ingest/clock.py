"""The only file that asks what time it is.

Everything else is told. In a drill the platform lives in the simulator's virtual
time: the newest marker message says what time it is (`MarkerClock`), so that thirty
virtual hours pass in thirty seconds and a stalled machine makes the drill slower,
never wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the machine's time, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place


class MarkerClock:
    """A clock that shows the time of the newest marker; it never runs backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def advance(self, to: datetime) -> None:
        """Move the clock forward to `to`; a time already passed changes nothing."""
        self._now = max(self._now, to)

    def __call__(self) -> datetime:
        """Return the virtual time."""
        return self._now
