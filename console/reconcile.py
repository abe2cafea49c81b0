"""Truth against platform: what a drill published and expected, beside what was stored and raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Alarm = tuple[str, str, int]  # (code, subject, severity)


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
    latencies_ms: tuple[float, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the platform did all that it had to, and nothing else."""
        return not (
            self.missed
            or self.spurious
            or self.duplicates
            or self.unstored
            or self.doubled_events
            or self.quarantined != self.expected_quarantine
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
            "details": {
                "missed": self.missed,
                "spurious": self.spurious,
                "duplicates": self.duplicates,
                "unstored": self.unstored,
                "expected_quarantine": self.expected_quarantine,
                "doubled_events": self.doubled_events,
                "latencies_measured": len(self.latencies_ms),
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
