"""A shift's ledger beside the platform's own record, case by case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from simulators.shift_ledger import CaseLedger, Span

_FIRES: Final = {"amber": 80, "escalate": 100, "supervise": 150}
_PLATFORM: Final = "duty"
PLAN: Final = "drill-alarm"
_TOP: Final = 3  # the ladder's last rung


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What the platform says about one case."""

    state: str
    ladder: int
    log: Sequence[Mapping[str, Any]]
    auto_at: datetime | None = None  # dispatched by the platform
    plan: str | None = None
    steps: Sequence[str] = ()


@dataclass(kw_only=True, slots=True)
class ShiftReport:
    """What agreed and what did not; every list that is not empty is a failure."""

    cases: int = 0
    moves: int = 0
    levels_expected: int = 0
    levels_fired: int = 0
    failed: list[str] = field(default_factory=list)
    wrong_moves: list[str] = field(default_factory=list)
    missing_levels: list[str] = field(default_factory=list)
    spurious_levels: list[str] = field(default_factory=list)
    late_levels: list[str] = field(default_factory=list)
    wrong_ladder: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    wrong_final: list[str] = field(default_factory=list)
    checked_own_work: list[str] = field(default_factory=list)
    wrong_auto: list[str] = field(default_factory=list)
    wrong_plans: list[str] = field(default_factory=list)
    wrong_letters: list[str] = field(default_factory=list)
    dispatched_by_itself: int = 0
    letters: int = 0
    lateness_s: list[float] = field(default_factory=list)
    habits: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def faults(self) -> dict[str, list[str]]:
        """Every way in which ledger and record can differ."""
        names = (
            "failed",
            "wrong_moves",
            "missing_levels",
            "spurious_levels",
            "late_levels",
            "wrong_ladder",
            "gaps",
            "wrong_final",
            "checked_own_work",
            "wrong_auto",
            "wrong_plans",
            "wrong_letters",
        )
        return {name: getattr(self, name) for name in names}

    @property
    def passed(self) -> bool:
        """Whether all agrees, and something was checked at all."""
        return self.cases > 0 and self.moves > 0 and not any(self.faults.values())

    def as_json(self) -> dict[str, Any]:
        """The report as `--report` writes it."""
        late = self.lateness_s
        return {
            "cases": self.cases,
            "moves": self.moves,
            "levels_expected": self.levels_expected,
            "levels_fired": self.levels_fired,
            "dispatched_by_itself": self.dispatched_by_itself,
            "letters": self.letters,
            "lateness_s": {"p50": round(median(late), 3), "max": round(max(late), 3)} if late else None,
            "habits": self.habits,
            "seconds": round(self.seconds, 1),
            **{name: len(found) for name, found in self.faults.items()},
            "passed": self.passed,
            "details": {name: found for name, found in self.faults.items() if found},
        }


def reconcile(
    ledgers: Iterable[CaseLedger],
    recorded: Mapping[int, Recorded],
    *,
    now: datetime,
    grace: timedelta,
    late: timedelta,
) -> ShiftReport:
    """Compare every case.

    A level must be there that was passed for longer than `grace`; none may come later than `late`.
    """
    report = ShiftReport()
    for ledger in ledgers:
        report.cases += 1
        report.habits[ledger.habit] = report.habits.get(ledger.habit, 0) + 1
        case = recorded.get(ledger.incident)
        if ledger.failure or case is None:
            report.failed.append(f"{ledger.name} ({ledger.habit}): {ledger.failure or 'no such case'}")
            continue
        _record(report, ledger, case)
        _by_itself(report, ledger, case, late)
        fired = _fired(report, ledger, case, now, late)
        _missing(report, ledger, fired, now, grace)
    return report


def _record(report: ShiftReport, ledger: CaseLedger, case: Recorded) -> None:
    name = f"{ledger.name} ({ledger.habit})"
    people = [(row["action"], row["actor"]) for row in case.log if row["actor"] != _PLATFORM]
    report.moves += len(people)
    if people != ledger.moves:
        report.wrong_moves.append(f"{name}: {people} instead of {ledger.moves}")
    if [row["seq"] for row in case.log] != list(range(1, len(case.log) + 1)):
        report.gaps.append(name)
    if case.state != ledger.final:
        report.wrong_final.append(f"{name}: {case.state} instead of {ledger.final}")
    workers = {actor for action, actor in people if action in {"acknowledge", "report_back"}}
    checkers = {actor for action, actor in people if action in {"verify", "reopen"}}
    if workers & checkers or not ledger.own_check_refused:
        report.checked_own_work.append(name)
    climbed = min(_TOP, sum(row["action"] == "escalate" for row in case.log))
    if case.ladder != climbed:
        report.wrong_ladder.append(f"{name}: rung {case.ladder} after {climbed} breaches")


def _by_itself(report: ShiftReport, ledger: CaseLedger, case: Recorded, late: timedelta) -> None:
    """What nobody took was dispatched in time, by its plan, and nothing else was."""
    name = f"{ledger.name} ({ledger.habit})"
    if ledger.auto is None or case.auto_at is None:
        if (ledger.auto is None) != (case.auto_at is None):
            report.wrong_auto.append(f"{name}: {case.auto_at} instead of {ledger.auto}")
        return
    report.dispatched_by_itself += 1
    if not ledger.auto.lo <= case.auto_at <= ledger.auto.hi + late:
        report.wrong_auto.append(f"{name}: at {case.auto_at}, due {ledger.auto.lo} to {ledger.auto.hi}")
    if case.plan != PLAN or set(case.steps) != {"done"}:
        report.wrong_plans.append(f"{name}: {case.plan} {list(case.steps)}")


def _fired(
    report: ShiftReport, ledger: CaseLedger, case: Recorded, now: datetime, late: timedelta
) -> dict[tuple[str, int, int], datetime]:
    """Every level that the platform acted on, by promise; what no reading allows is spurious."""
    fired: dict[tuple[str, int, int], datetime] = {}
    for row in case.log:
        level = _FIRES.get(row["action"]) if row["actor"] == _PLATFORM else None
        if level is None:
            continue
        report.levels_fired += 1
        clock = str(row["detail"].get("clock"))
        span = _span(ledger, clock, row["at"])
        key = (clock, span.seq if span else 0, level)
        if span is None or key in fired or level not in span.may(now) or row["at"] < span.due(level).lo:
            report.spurious_levels.append(_name(ledger, *key))
            continue
        fired[key] = row["at"]
        behind = (row["at"] - span.due(level).hi).total_seconds()
        report.lateness_s.append(max(0.0, behind))
        if behind > late.total_seconds():
            report.late_levels.append(f"{_name(ledger, *key)}: late by {behind:.1f} s")
    return fired


def _missing(
    report: ShiftReport,
    ledger: CaseLedger,
    fired: Mapping[tuple[str, int, int], datetime],
    now: datetime,
    grace: timedelta,
) -> None:
    for span in ledger.spans:
        must = span.must(now, grace)
        report.levels_expected += len(must)
        keys = [(span.clock, span.seq, level) for level in sorted(must)]
        report.missing_levels += [_name(ledger, *key) for key in keys if key not in fired]


def _name(ledger: CaseLedger, clock: str, seq: int, level: int) -> str:
    return f"{ledger.name} ({ledger.habit}): {clock}/{seq} at {level} %"


def _span(ledger: CaseLedger, clock: str, at: datetime) -> Span | None:
    """The promise that a level belongs to: the newest of its kind that had begun."""
    begun = [span for span in ledger.spans if span.clock == clock and span.began.lo <= at]
    return begun[-1] if begun else None
