"""A token bucket: how many letters an endpoint may take now. Pure: the caller brings the time."""

from __future__ import annotations


class Bucket:
    """Fills with `rate` tokens a second, up to `burst`; starts full."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, max(1.0, burst)
        self._tokens, self._at = self._burst, now

    def available(self, now: float) -> int:
        """Answer how many whole tokens there are."""
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        return int(self._tokens)

    def take(self, count: int) -> None:
        """Spend tokens that `available` has shown."""
        self._tokens -= count

    def wait(self) -> float:
        """Answer the seconds until the next whole token."""
        return max(0.0, (1.0 - self._tokens) / self._rate)
