"""Truth against platform: what a drill published and expected, beside what was stored and raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Alarm = tuple[str, str, int]  # (code, subject, severity)


@dataclass(frozen=True, kw_only=True, slots=True)
class Struck:
    """One fault: when it came, how long it lasted, and how long until the platform was well again."""

    fault: str
    at_s: float
    lasted_s: float
    recovered_s: float | None  # None: it never was
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the platform came back, within its bounds where the fault has some."""
        return self.recovered_s is not None and self.detail.get("bounded", True) is True

    def as_json(self) -> dict[str, Any]:
        """One row of the report's table of faults."""
        return {
            "fault": self.fault,
            "at_s": round(self.at_s, 2),
            "lasted_s": round(self.lasted_s, 2),
            "recovered_s": None if self.recovered_s is None else round(self.recovered_s, 2),
            **self.detail,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Aftermath:
    """What a drill's faults left behind, beside events and alerts: cases, their logs, letters."""

    faults: tuple[Struck, ...]
    incidents: int
    broken: tuple[str, ...]  # what is wrong with the logs of cases
    letters: int
    repeated: int  # arrived again under the same key, and were dropped there
    lost: tuple[str, ...]  # letters that were not delivered once

    @property
    def forgetful(self) -> bool:
        """Whether the broker was killed: it sends again what it has forgotten to have sent, unmarked."""
        return any(fault.fault == "broker" for fault in self.faults)

    @property
    def passed(self) -> bool:
        """Whether every fault was got over and nothing is broken."""
        return all(fault.passed for fault in self.faults) and not self.broken and not self.lost

    def as_json(self) -> dict[str, Any]:
        """The part of the report that is about chaos."""
        return {
            "incidents": self.incidents,
            "letters": self.letters,
            "letters_repeated": self.repeated,
            "broken": list(self.broken),
            "letters_lost": list(self.lost),
            "faults": [fault.as_json() for fault in self.faults],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A drill's result; `missed`, `spurious` and `duplicates` must be empty, and nothing unstored."""

    published: int
    stored: int
    unstored: tuple[str, ...]
    quarantined: int
    expected_quarantine: int
    expected_alerts: int
    raised: int
    missed: tuple[Alarm, ...]
    spurious: tuple[Alarm, ...]
    duplicates: tuple[Alarm, ...]
    doubled_events: int
    latencies: tuple[tuple[float, float], ...]  # when published (monotonic seconds), milliseconds
    seconds: float
    quarantine: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by reason: found, expected
    resent: int = 0  # undecodable messages that may have come twice: nothing tells them from their copies
    aftermath: Aftermath | None = None
    platform_alerts: int = 0  # the platform about itself, while something of it was away

    @property
    def latencies_ms(self) -> tuple[float, ...]:
        """From the message that tells to the live feed, in milliseconds."""
        return tuple(took for _, took in self.latencies)

    @property
    def passed(self) -> bool:
        """Whether the platform did all that it had to, and nothing else."""
        return not (
            self.missed
            or self.spurious
            or self.duplicates
            or self.unstored
            or self.doubled_events
            or not 0 <= self.quarantined - self.expected_quarantine <= self.resent
            or (self.aftermath is not None and not self.aftermath.passed)
        )

    def as_json(self) -> dict[str, Any]:
        """The report's stable form (design.md section 7), details behind the counts."""
        return {
            "published": self.published,
            "stored": self.stored,
            "quarantined": self.quarantined,
            "expected_alerts": self.expected_alerts,
            "raised": self.raised,
            "missed": len(self.missed),
            "spurious": len(self.spurious),
            "duplicates": len(self.duplicates) + self.doubled_events,
            "latency_ms": percentiles(self.latencies_ms, {"p50": 0.5, "p99": 0.99, "max": 1.0}),
            "events_per_s": round(self.stored / self.seconds, 1) if self.seconds else 0.0,
            "passed": self.passed,
            **(self.aftermath.as_json() if self.aftermath else {}),
            "details": {
                "missed": self.missed,
                "spurious": self.spurious,
                "duplicates": self.duplicates,
                "unstored": self.unstored,
                "expected_quarantine": self.expected_quarantine,
                "doubled_events": self.doubled_events,
                "latencies_measured": len(self.latencies_ms),
                "resent": self.resent,
                "platform_alerts": self.platform_alerts,
                "quarantine": dict(self.quarantine),
            },
        }


def compare(
    expected: Iterable[Alarm], raised: Iterable[Alarm]
) -> tuple[list[Alarm], list[Alarm], list[Alarm]]:
    """Answer what is missing, what nobody expected, and what came more often than expected."""
    want, got = Counter(expected), Counter(raised)
    known = {(code, subject) for code, subject, _ in want}
    missed = list((want - got).elements())
    extra = list((got - want).elements())
    spurious = [alarm for alarm in extra if alarm[:2] not in known]
    duplicates = [alarm for alarm in extra if alarm[:2] in known]
    return missed, spurious, duplicates


def percentiles(values: Sequence[float], wanted: Mapping[str, float]) -> dict[str, float | None]:
    """The nearest-rank percentiles of some values, rounded to a tenth; None where there are no values."""
    ordered = sorted(values)
    if not ordered:
        return dict.fromkeys(wanted)
    return {
        name: round(
            ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))], 1
        )
        for name, share in wanted.items()
    }
