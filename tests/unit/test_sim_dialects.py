"""A plan that speaks dialects: the same truth, and a ledger that knows every id."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from devices.adapters import ADAPTERS
from devices.codec import arrived, spoken, translate
from devices.event import Event
from simulators.dialects import TONGUES, numbered, parse_dialects
from simulators.drill import DrillPlan, plan_drill
from simulators.timeline import Kind

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan() -> DrillPlan:
    return plan_drill(7, 2, 20, "all", START, dialects=tuple(ADAPTERS))


def test_every_dialect_is_spoken(plan: DrillPlan) -> None:
    assert {t.dialect for t in TONGUES} == set(ADAPTERS)
    assert {d.dialect for d in plan.community.devices} == {None, *ADAPTERS}


def test_the_truth_is_that_of_the_native_plan(plan: DrillPlan) -> None:
    native = plan_drill(7, 2, 20, "all", START)
    assert [(e.code, e.subject, e.severity, e.due) for e in plan.expected] == [
        (e.code, e.subject, e.severity, e.due) for e in native.expected
    ]


def test_the_ledger_knows_the_very_ids_that_ingest_will_store(plan: DrillPlan) -> None:
    registry = plan.community.registry
    counted: Counter[tuple[str, str]] = Counter()
    for s in plan.timeline:
        if s.foreign is None or s.kind is not Kind.SAY:
            continue
        where = spoken(s.foreign.topic)
        assert where is not None
        (event,) = translate(where, s.foreign.payload, received_at=s.when, registry=registry)
        assert isinstance(event, Event)
        if arrived(event.id):
            counted[event.device, event.id] += 1
            assert s.key == (event.device, f"{event.id}#{counted[event.device, event.id]}")
            assert not s.copy
        else:
            assert s.key == (event.device, event.id)


def test_every_id_is_sent_once_unless_it_is_a_copy(plan: DrillPlan) -> None:
    sent = [s.key for s in plan.timeline if s.message and s.kind is Kind.SAY and not s.copy]
    assert len(set(sent)) == len(sent)


def test_triggers_are_keys_that_are_sent(plan: DrillPlan) -> None:
    sent = {s.key for s in plan.timeline if s.message}
    assert {e.trigger for e in plan.expected if e.trigger} <= sent


def test_stored_keys_are_counted_by_content() -> None:
    content = "a" + "0" * 24
    stored = [("d", f"{content}.7.aa"), ("d", f"{content}.9.bb"), ("d", "p-1"), ("e", f"{content}-1.7.aa")]
    assert list(numbered(stored)) == [
        ("d", f"{content}#1"),
        ("d", f"{content}#2"),
        ("d", "p-1"),
        ("e", f"{content}-1#1"),
    ]


def test_dialects_are_named() -> None:
    assert parse_dialects("none") == ()
    assert parse_dialects("frigate,onvif") == ("frigate", "onvif")
    with pytest.raises(ValueError, match=r"^unknown dialect klingon"):
        parse_dialects("klingon")
