"""The ledger of a shift: what must have happened, what can have, and how the record is held against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.shift_letters import reconcile_letters
from console.shift_report import PLAN, Recorded, ShiftReport, reconcile
from simulators.community import build
from simulators.responders import HABITS
from simulators.shift import plan_shift
from simulators.shift_ledger import CaseLedger, Moment, Span

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
GRACE = timedelta(seconds=1)


def at(seconds: float, width: float = 0.2) -> Moment:
    return Moment(lo=T0 + timedelta(seconds=seconds), hi=T0 + timedelta(seconds=seconds + width))


def span(ended: float | None = None) -> Span:
    end = None if ended is None else at(ended)
    return Span(clock="sign", seq=1, limit=timedelta(seconds=10), began=at(0), ended=end)


def test_levels_are_sure_only_where_no_reading_says_otherwise() -> None:
    assert (span(7).must(T0, GRACE), span(7).may(T0)) == (frozenset(), frozenset())
    assert (span(8.1).must(T0, GRACE), span(8.1).may(T0)) == (frozenset(), frozenset({80}))
    assert span(12).must(T0, GRACE) == frozenset({80, 100})
    assert span().must(T0 + timedelta(seconds=20), GRACE) == frozenset({80, 100, 150})


def ledger() -> CaseLedger:
    moves = [("acknowledge", "gw1"), ("report_back", "gw1"), ("verify", "lead"), ("close", "lead")]
    return CaseLedger(
        name="0:FIRE-001", habit="late", incident=1, moves=moves, spans=[span(13)], own_check_refused=True
    )


def record(*extra: tuple[str, str, float], ladder: int = 1, state: str = "closed") -> Recorded:
    said = [
        ("acknowledge", "gw1", 13.1),
        ("report_back", "gw1", 14),
        ("verify", "lead", 15),
        ("close", "lead", 16),
    ]
    rows = sorted([*extra, *said], key=lambda row: row[2])
    log: list[dict[str, Any]] = [
        {"seq": n, "action": a, "actor": who, "at": T0 + timedelta(seconds=s), "detail": {"clock": "sign"}}
        for n, (a, who, s) in enumerate(rows, 1)
    ]
    return Recorded(state=state, ladder=ladder, log=log)


AMBER, RED = ("amber", "duty", 8.2), ("escalate", "duty", 10.3)


def faults(recorded: Recorded) -> list[str]:
    report = reconcile([ledger()], {1: recorded}, now=T0 + timedelta(minutes=1), grace=GRACE, late=GRACE)
    assert report.passed is not any(report.faults.values())
    return [name for name, found in report.faults.items() if found]


def test_a_record_that_agrees_passes() -> None:
    assert faults(record(AMBER, RED)) == []


def test_every_kind_of_difference_is_found() -> None:
    assert faults(record(AMBER, ladder=0)) == ["missing_levels"]
    assert faults(record(AMBER, RED, ("supervise", "duty", 12))) == ["spurious_levels"]
    assert faults(record(AMBER, ("escalate", "duty", 12.9))) == ["late_levels"]
    assert faults(record(("amber", "duty", 3), RED)) == ["missing_levels", "spurious_levels"]
    assert faults(record(AMBER, RED, RED, ladder=2)) == ["spurious_levels"]
    assert faults(record(AMBER, RED, ladder=0)) == ["wrong_ladder"]
    assert faults(record(AMBER, RED, state="verified")) == ["wrong_final"]
    assert faults(record(AMBER, RED, ("acknowledge", "gw1", 13.2))) == ["wrong_moves"]
    assert faults(record(AMBER, RED, ("verify", "gw1", 15.5))) == ["wrong_moves", "checked_own_work"]
    holed = record(AMBER, RED)
    assert faults(Recorded(state="closed", ladder=1, log=[*holed.log[:1], *holed.log[2:]])) != []


def test_a_case_that_could_not_be_played_fails() -> None:
    broken = ledger()
    broken.failure = "no order"
    report = reconcile([broken], {}, now=T0, grace=GRACE, late=GRACE)
    assert (report.passed, len(report.failed)) == (False, 1)


def test_the_same_seed_plans_the_same_shift_and_every_habit_appears() -> None:
    community = build(3, 1, now=T0)
    plan = plan_shift(3, 8, community)
    assert plan == plan_shift(3, 8, community)
    assert {case.habit for case in plan} == set(HABITS)
    devices = [case.device.id for case in plan if case.device]
    assert len(devices) == len(set(devices)) > 1


def unattended(auto_at: datetime | None, steps: tuple[str, ...] = ("done", "done")) -> list[str]:
    book, seen = ledger(), record(AMBER, RED)
    book.auto, book.named = at(5), "gw1"
    case = replace(seen, auto_at=auto_at, plan=PLAN, steps=steps)
    report = reconcile([book], {1: case}, now=T0 + timedelta(minutes=1), grace=GRACE, late=GRACE)
    return [name for name, found in report.faults.items() if found]


def test_what_nobody_takes_is_dispatched_in_time_and_by_its_plan() -> None:
    assert unattended(T0 + timedelta(seconds=5.3)) == []
    assert unattended(T0 + timedelta(seconds=4.9)) == ["wrong_auto"]
    assert unattended(T0 + timedelta(seconds=7)) == ["wrong_auto"]
    assert unattended(None) == ["wrong_auto"]
    assert unattended(T0 + timedelta(seconds=5.3), ("done", "failed")) == ["wrong_plans"]


def letters(state: str = "sent", arrived: frozenset[str] = frozenset({"order:1"})) -> list[str]:
    book, report = ledger(), ShiftReport()
    book.named = "gw1"
    row = {"key": "order:1", "person": "gw1", "incident_id": 1, "state": state, "last_error": None}
    reconcile_letters(report, [book], [row], arrived)
    return report.wrong_letters


def test_letters_are_held_against_the_gateways_own_book() -> None:
    assert letters() == []
    assert letters(arrived=frozenset()) == ["order:1: sent and never arrived"]
    assert letters(arrived=frozenset({"order:1", "x"})) == ["x: arrived and nobody wrote it"]
    assert letters("withheld", frozenset()) == ["0:FIRE-001: gw1 was sent and not told"]
    assert len(letters("failed", frozenset())) == 2
