"""What the page of the platform's own watch shows."""

from __future__ import annotations

from typing import Literal

from console.schemas import Instant, Wire


class WatchState(Wire):
    """Whether the watch itself is awake, and whom it can tell."""

    at: Instant | None
    lag_s: float | None
    ok: bool
    channel: str
    heartbeat_at: Instant | None


class CanaryState(Wire):
    """The newest virtual call for help of an estate: seconds from the button to each station."""

    estate: str
    name_zh: str
    name_en: str
    sent_at: Instant
    judged_s: float | None
    shown_s: float | None
    posted_s: float | None
    told_s: float | None
    since: Instant | None
    stops_at: Literal["ingest", "console", "duty", "sender"] | None
    told_at: Instant | None
    problem: str | None


class InvariantState(Wire):
    """A count that must be zero."""

    name: str
    count: int
    since: Instant | None
    alarmed_at: Instant | None
    at: Instant


class FindingState(Wire):
    """Something else that is wrong, and whether its alarm went out."""

    name: str
    since: Instant
    told_at: Instant | None
    problem: str | None


class QuarantineRoom(Wire):
    """How much of its room quarantine uses; what does not fit is counted only."""

    bytes: int
    limit_bytes: int
    full_since: Instant | None
    folded: int


class SelfCheck(Wire):
    """Everything by which the platform knows whether it works."""

    watch: WatchState
    canaries: list[CanaryState]
    invariants: list[InvariantState]
    findings: list[FindingState]
    quarantine: QuarantineRoom
